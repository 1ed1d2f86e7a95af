use wasi::filesystem::types::{Descriptor, DescriptorType, ErrorCode};

fn kind(ty: DescriptorType) -> &'static str {
    match ty {
        DescriptorType::Directory => "directory",
        DescriptorType::Unknown => "nothing known",
        _ if DescriptorType::Socket == ty => "socket",
        _ => "other",
    }
}

async fn may_be_missing(at: &Descriptor, name: String) -> Result<bool, ErrorCode> {
    match at.stat_at(wasi::filesystem::types::PathFlags::empty(), name).await {
        Err(error) if error == ErrorCode::NoEntry => Ok(false),
        Err(error) if error != ErrorCode::Access && !matches!(error, ErrorCode::Loop) => Err(error),
        _ => Ok(true),
    }
}

fn nothing() -> DescriptorType {
    DescriptorType::Unknown
}
