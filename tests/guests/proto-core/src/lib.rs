//! Calls a component that uses types of what this one exports, and calls nothing of it.

use exports::proto::core::core_logic::{Detail, ErrorCode, Guest};
use proto::core::convert;

wit_bindgen::generate!({ path: "../wit-proto", world: "core-w", generate_all });

struct Core;

export!(Core);

impl Guest for Core {
    async fn csv(id: String) -> Result<String, Detail> {
        convert::convert(id).await.map_err(|detail| Detail {
            code: ErrorCode::Internal,
            message: format!("via core: {}", detail.message),
        })
    }
}
