use compat_api::p2::{
    cli::environment::{self, initial_cwd},
    clocks::monotonic_clock::{self as clock, Duration},
    http::types as h,
    http::types::{ErrorCode as Code, Method},
    io::streams::InputStream,
};
pub use compat_api::p2::http::types::Scheme;

pub struct Call {
    body: Option<InputStream>,
    method: Method,
    timeout: Duration,
    failed: Option<h::ErrorCode>,
    headers: h::Fields,
}

pub fn arguments() -> (Vec<String>, Option<String>) {
    (environment::get_arguments(), initial_cwd())
}

pub fn late(call: &Call, since: u64) -> Option<Code> {
    let now = clock::now();
    (now - since > call.timeout).then(|| h::ErrorCode::ConnectionTimeout)
}

pub fn secure(flags: compat_api::p2::filesystem::types::OpenFlags) -> bool {
    mod inner {
        use compat_api::p2::sockets::network::*;

        pub fn local(address: IpAddress) -> bool {
            matches!(address, IpAddress::Ipv4((127, ..)))
        }
    }
    inner::local(compat_api::p2::sockets::network::IpAddress::Ipv4((127, 0, 0, 1)))
        && flags.contains(compat_api::p2::filesystem::types::OpenFlags::CREATE)
}
