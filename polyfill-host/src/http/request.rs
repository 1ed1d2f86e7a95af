//! `wasi:http/types.request`.

use http::uri::{Authority, PathAndQuery, Scheme};
use wasmtime::component::{LinkerInstance, Resource};
use wasmtime::{Result, StoreContextMut};
use wasmtime_wasi_http::p3::bindings::http::types as wit;
use wasmtime_wasi_http::{FieldMap, RequestOptions};

use super::body::{Contents, MessageBody, Trailers, Transmission};
use super::options::Options;
use super::resource;
use super::state::HttpState;
use super::table::Named;
use crate::core::Weigh;
use crate::split::SplitView;
use crate::trace::called;

/// The resource.
pub(crate) struct Request {
    pub method: http::Method,
    pub scheme: Option<Scheme>,
    pub authority: Option<Authority>,
    pub path_with_query: Option<PathAndQuery>,
    pub headers: FieldMap,
    pub options: Option<RequestOptions>,
    pub body: MessageBody,
}

impl Weigh for Request {
    fn weight(&self) -> usize {
        self.line_weight() + self.headers.weight()
    }
}

impl Request {
    /// The weight of the parts that can be set: all but the headers.
    fn line_weight(&self) -> usize {
        self.method.weight()
            + self.scheme.weight()
            + self.authority.weight()
            + self.path_with_query.weight()
    }
}

impl Named for Request {
    const WHAT: &str = "a request's method, authority, path or headers";
}

type This = Resource<Request>;

/// Defines the resource and its functions.
pub fn add<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.resource("request", resource::<Request>(), |mut store, rep| {
        let ctx = called(&mut store);
        let request = HttpState::of(ctx).requests.take(Resource::new_own(rep))?;
        request.body.drop(ctx)
    })?;
    types.func_wrap(
        "[static]request.new",
        |mut store: StoreContextMut<'_, T>,
         (headers, contents, trailers, options): (
            Resource<FieldMap>,
            Option<Contents>,
            Trailers,
            Option<Resource<Options>>,
        )| {
            let ctx = called(&mut store);
            let mut headers = HttpState::of(ctx).fields.take(headers)?;
            headers.set_immutable();
            let options = match options {
                Some(options) => Some(HttpState::of(ctx).options.take(options)?.options),
                None => None,
            };
            let (body, transmission) = MessageBody::new(ctx, contents, trailers)?;
            let request = HttpState::of(ctx).requests.push(Request {
                method: http::Method::GET,
                scheme: None,
                authority: None,
                path_with_query: None,
                headers,
                options,
                body,
            })?;
            Ok(((request, transmission),))
        },
    )?;
    types.func_wrap(
        "[static]request.consume-body",
        |mut store: StoreContextMut<'_, T>, (this, handled): (This, Transmission)| {
            let ctx = called(&mut store);
            let request = HttpState::of(ctx).requests.take(this)?;
            Ok((request.body.consume(ctx, handled)?,))
        },
    )?;
    add_getters(types)?;
    add_setters(types)
}

fn add_getters<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.func_wrap(
        "[method]request.get-method",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            Ok((wit::Method::from(
                &http(&mut store).requests.get(&this)?.method,
            ),))
        },
    )?;
    types.func_wrap(
        "[method]request.get-path-with-query",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let request = http(&mut store).requests.get(&this)?;
            Ok((request
                .path_with_query
                .as_ref()
                .map(|path| path.as_str().to_string()),))
        },
    )?;
    types.func_wrap(
        "[method]request.get-scheme",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let request = http(&mut store).requests.get(&this)?;
            Ok((request.scheme.as_ref().map(wit::Scheme::from),))
        },
    )?;
    types.func_wrap(
        "[method]request.get-authority",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let request = http(&mut store).requests.get(&this)?;
            Ok((request
                .authority
                .as_ref()
                .map(|authority| authority.as_str().to_string()),))
        },
    )?;
    types.func_wrap(
        "[method]request.get-options",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let http = http(&mut store);
            let options = match http.requests.get(&this)?.options {
                Some(options) => Some(http.options.push(Options {
                    options,
                    mutable: false,
                })?),
                None => None,
            };
            Ok((options,))
        },
    )?;
    types.func_wrap(
        "[method]request.get-headers",
        |mut store: StoreContextMut<'_, T>, (this,): (This,)| {
            let http = http(&mut store);
            let headers = http.requests.get(&this)?.headers.clone();
            Ok((http.fields.push(headers)?,))
        },
    )
}

fn add_setters<T: SplitView>(types: &mut LinkerInstance<'_, T>) -> Result<()> {
    types.func_wrap(
        "[method]request.set-method",
        |mut store: StoreContextMut<'_, T>, (this, method): (This, wit::Method)| {
            change(&mut store, this, |request| {
                set(&mut request.method, method.try_into().ok())
            })
        },
    )?;
    types.func_wrap(
        "[method]request.set-path-with-query",
        |mut store: StoreContextMut<'_, T>, (this, path): (This, Option<String>)| {
            change(&mut store, this, |request| {
                set_option(&mut request.path_with_query, path, parse_path)
            })
        },
    )?;
    types.func_wrap(
        "[method]request.set-scheme",
        |mut store: StoreContextMut<'_, T>, (this, scheme): (This, Option<wit::Scheme>)| {
            change(&mut store, this, |request| {
                set_option(&mut request.scheme, scheme, |scheme| scheme.try_into().ok())
            })
        },
    )?;
    types.func_wrap(
        "[method]request.set-authority",
        |mut store: StoreContextMut<'_, T>, (this, authority): (This, Option<String>)| {
            change(&mut store, this, |request| {
                set_option(&mut request.authority, authority, parse_authority)
            })
        },
    )
}

fn http<'a, T: SplitView>(store: &'a mut StoreContextMut<'_, T>) -> &'a mut HttpState {
    HttpState::of(called(store))
}

/// Changes a request. Returns whether the new value was valid.
fn change<T: SplitView>(
    store: &mut StoreContextMut<'_, T>,
    this: This,
    change: impl FnOnce(&mut Request) -> Result<(), ()>,
) -> Result<(Result<(), ()>,)> {
    let requests = &mut http(store).requests;
    let done = requests.change(&this, |request| {
        let before = request.line_weight();
        (change(request), before, request.line_weight())
    });
    Ok((done?,))
}

/// Sets a valid value; otherwise keeps the old one.
fn set<X>(to: &mut X, value: Option<X>) -> Result<(), ()> {
    *to = value.ok_or(())?;
    Ok(())
}

fn set_option<X, Y>(
    to: &mut Option<Y>,
    value: Option<X>,
    parse: impl FnOnce(X) -> Option<Y>,
) -> Result<(), ()> {
    match value {
        Some(value) => set(to, parse(value).map(Some)),
        None => {
            *to = None;
            Ok(())
        }
    }
}

/// A path that begins with a slash, or a query alone: anything else would have another meaning in the request line (an absolute
/// URI would even name another host).
fn parse_path(path: String) -> Option<PathAndQuery> {
    if path.is_empty() {
        // The crate `http` does not accept these; both stand for the root.
        Some(PathAndQuery::from_static("/"))
    } else if path.starts_with(['/', '?']) {
        PathAndQuery::try_from(path).ok()
    } else {
        None
    }
}

/// An authority whose port, if there is a colon for one, is a number.
fn parse_authority(authority: String) -> Option<Authority> {
    let after_host = authority.rfind(']').unwrap_or(0);
    let has_port = authority[after_host..].contains(':');
    let authority = Authority::try_from(authority).ok()?;
    (!has_port || authority.port_u16().is_some()).then_some(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_absolute_or_a_query() {
        for good in ["/", "/a?b=c", "", "?a"] {
            assert!(parse_path(good.into()).is_some(), "{good}");
        }
        for bad in ["a", "*", "http://example.com/", "/a b", "/\n"] {
            assert!(parse_path(bad.into()).is_none(), "{bad}");
        }
    }

    #[test]
    fn an_authority_has_a_valid_port_or_none() {
        for good in [
            "example.com",
            "example.com:80",
            "[::1]",
            "[::1]:80",
            "127.0.0.1:8080",
        ] {
            assert!(parse_authority(good.into()).is_some(), "{good}");
        }
        for bad in [
            "",
            "example.com:",
            "example.com:x",
            "a b",
            "[::1",
            "example.com:99999",
        ] {
            assert!(parse_authority(bad.into()).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_invalid_leaves_the_old_value() {
        let mut method = http::Method::GET;
        assert!(
            set(
                &mut method,
                wit::Method::Other("a b".into()).try_into().ok()
            )
            .is_err()
        );
        assert_eq!(method, http::Method::GET);
        assert!(
            set(
                &mut method,
                wit::Method::Other("BREW".into()).try_into().ok()
            )
            .is_ok()
        );
        assert_eq!(method.as_str(), "BREW");
    }
}
