use wasip3::filesystem::types::{DescriptorStat, DescriptorType};

fn is_file(stat: &DescriptorStat) -> bool {
    // A link is none.
    stat.type_ /* its own */ == /* and not */ DescriptorType::RegularFile // followed or not
}
