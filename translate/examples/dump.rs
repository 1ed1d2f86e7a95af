use wasmparser::*;
fn main() {
    let bytes = std::fs::read(std::env::args().nth(1).unwrap()).unwrap();
    let max: usize = std::env::args().nth(2).map_or(1, |n| n.parse().unwrap());
    let mut depth = 0;
    let mut kinds = vec![];
    for p in Parser::new(0).parse_all(&bytes) {
        let p = p.unwrap();
        match &p {
            Payload::ModuleSection { unchecked_range, .. } => { println!("{:w$}module {} bytes", "", unchecked_range.end - unchecked_range.start, w = depth * 2); kinds.push('m'); depth += 1; continue }
            Payload::ComponentSection { unchecked_range, .. } => { println!("{:w$}component {} bytes", "", unchecked_range.end - unchecked_range.start, w = depth * 2); kinds.push('c'); depth += 1; continue }
            Payload::End(_) => { kinds.pop(); depth = depth.saturating_sub(1); continue }
            _ => {}
        }
        if depth > max || kinds.contains(&'m') { continue }
        let w = depth * 2;
        match p {
            Payload::ComponentInstanceSection(s) => for i in s { println!("{:w$}instance {:?}", "", i.unwrap()) },
            Payload::InstanceSection(s) => for i in s { let t = format!("{:?}", i.unwrap()); println!("{:w$}core instance {}", "", &t[..t.len().min(600)]) },
            Payload::ComponentImportSection(s) => for i in s { let i = i.unwrap(); println!("{:w$}import {} {:?}", "", i.name.name, i.ty) },
            Payload::ComponentExportSection(s) => for i in s { let i = i.unwrap(); println!("{:w$}export {} {:?} {}", "", i.name.name, i.kind, i.index) },
            Payload::ComponentAliasSection(s) => for i in s { println!("{:w$}{:?}", "", i.unwrap()) },
            Payload::ComponentCanonicalSection(s) => for i in s { println!("{:w$}{:?}", "", i.unwrap()) },
            Payload::ComponentTypeSection(s) => println!("{:w$}{} types", "", s.count()),
            Payload::CustomSection(s) => println!("{:w$}custom {} {}", "", s.name(), s.data().len()),
            _ => {}
        }
    }
}
