//! Cases in other languages than Rust, whose native components stock tools have built.

use crate::guest::{Backend, composable, guest};
use crate::{Server, lowered};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tokio::sync::Mutex;

/// What a case is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    Rust,
    Python,
    JavaScript,
    C,
}

/// A case's component: in one language, for one backend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Variant {
    pub language: Language,
    pub backend: Backend,
}

/// What a language's tool cannot build: the tests that want it, and why.
const EXCEPTIONS: &[(Language, &str, &str)] = &[
    (
        Language::JavaScript,
        "echo::an_upstream_that_refuses_is_the_guests_error",
        NO_ASYNC_IMPORT,
    ),
    (
        Language::JavaScript,
        "echo::double_echo_goes_through_the_other_server",
        NO_ASYNC_IMPORT,
    ),
    (
        Language::JavaScript,
        "echo::double_echo_streams",
        NO_ASYNC_IMPORT,
    ),
    (
        Language::JavaScript,
        "echo::double_echo_wants_a_url",
        NO_ASYNC_IMPORT,
    ),
];

const NO_ASYNC_IMPORT: &str =
    "componentize-qjs 0.4.5 cannot build a world that imports an async function";

impl Language {
    /// What the case `name` is called in this language.
    pub fn case(self, name: &str) -> String {
        match self {
            Self::Rust => name.to_owned(),
            Self::Python => format!("{name}.py"),
            Self::JavaScript => format!("{name}.js"),
            Self::C => format!("{name}.c"),
        }
    }

    /// Why there are no components in this language, if `cargo xtask test` says so.
    pub fn missing(self) -> Option<String> {
        let (variable, name) = match self {
            Self::Rust => return None,
            Self::Python => ("WITHOUT_PYTHON", "Python"),
            Self::JavaScript => ("WITHOUT_JAVASCRIPT", "JavaScript"),
            Self::C => ("WITHOUT_C", "C"),
        };
        let why = std::env::var(variable).ok()?;
        Some(format!("there are no components in {name}: {why}"))
    }
}

impl Variant {
    /// The component of the case `name`.
    pub fn guest(self, name: &str) -> PathBuf {
        guest(&self.language.case(name), self.backend)
    }

    /// The component of the case `name`, to be composed with others or embedded: what is lowered is so after that.
    pub fn composable(self, name: &str) -> PathBuf {
        composable(&self.language.case(name), self.backend)
    }

    /// Serves the component of the case `name`.
    pub async fn serve(self, name: &str) -> Server {
        start_once_compiled(&self.guest(name)).await
    }

    /// Why a test cannot pass with this component, if so. `test` begins with its crate, and ends with the language if it is not Rust.
    pub fn exception(self, test: &str) -> Option<String> {
        let test = match self.language {
            Language::Rust => test,
            _ => test.rsplit_once("::")?.0,
        };
        if let Some(why) = self.language.missing() {
            return Some(why);
        }
        if let Some(why) = lowered::exception(self.backend, test) {
            return Some(why.to_owned());
        }
        let (_, test) = test.split_once("::")?;
        let mut exceptions = EXCEPTIONS.iter();
        let (.., why) = exceptions
            .find(|(language, exception, _)| *language == self.language && *exception == test)?;
        Some((*why).to_owned())
    }
}

impl From<Variant> for Backend {
    fn from(variant: Variant) -> Self {
        variant.backend
    }
}

/// Serves `component`. The first server compiles it, into the cache; the others wait for that: compiling what has an interpreter in it
/// takes all processors for a while.
pub async fn start_once_compiled(component: &Path) -> Server {
    static COMPILED: Mutex<Option<HashSet<PathBuf>>> = Mutex::const_new(None);
    let mut compiled = COMPILED.lock().await;
    let set = compiled.get_or_insert_default();
    if set.contains(component) {
        drop(compiled);
        return Server::start(component, &[]).await;
    }
    let server = Server::start_slowly(component).await;
    set.insert(component.to_owned());
    server
}
