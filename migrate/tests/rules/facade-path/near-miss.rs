use compat_api::http::types::{ErrorCode, Method};

mod p2 {
    pub mod http {
        pub struct Method;
    }
}

pub fn code(_: Method, _: p2::http::Method) -> ErrorCode {
    // compat_api::p2::http::types::Method
    ErrorCode::ConnectionTimeout
}
