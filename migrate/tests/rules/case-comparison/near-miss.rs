use wasip3::filesystem::types::DescriptorType;
use wasip3::http::types::Method;

#[derive(PartialEq)]
enum Kind {
    Directory,
}

fn is_directory(ty: &DescriptorType, kind: Kind) -> bool {
    matches!(ty, DescriptorType::Directory) && kind == Kind::Directory && 1 == 1
}

fn is_get(method: &Method) -> bool {
    matches!(method, Method::Get)
}
