//! Uses types of its caller's interface.

use exports::proto::core::convert::{Detail, Guest};
use proto::core::core_logic::ErrorCode;

wit_bindgen::generate!({ path: "../wit-proto", world: "conv-w", generate_all });

struct Convert;

export!(Convert);

impl Guest for Convert {
    async fn convert(x: String) -> Result<String, Detail> {
        match x.as_str() {
            "bad" => Err(Detail {
                code: ErrorCode::Failed,
                message: "bad".to_owned(),
            }),
            _ => Ok(x.to_uppercase()),
        }
    }
}
