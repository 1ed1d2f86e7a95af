//! Random worlds, whose exported functions are made async and return what they are given: natively and translated, the same values
//! come back.

use super::echo;
use super::engines::{End, on_both};
use arbitrary::Unstructured;
use isyswasfa_tests::{Random, seeds};
use std::fmt::Write;
use wit_component::DecodedWasm;
use wit_parser::{
    FunctionKind, Resolve, Tuple, Type, TypeDef, TypeDefKind, TypeId, TypeOwner, WorldId,
    WorldItem, WorldKey,
};
use wit_smith::Config;

/// How many worlds are tried.
const SEEDS: u64 = 200;

#[tokio::test(flavor = "multi_thread")]
async fn random_values_come_back() {
    let (mut worlds, mut calls, mut refused) = (0, 0, Vec::new());
    for seed in seeds(SEEDS) {
        let mut random = Random::new(seed);
        let Some((resolve, world)) = random_world(seed) else {
            continue;
        };
        let functions = functions(&resolve, world);
        if functions.is_empty() {
            continue;
        }
        let component = echo::component(&resolve, world);
        if let Err(error) = isyswasfa_translate::translate(&component) {
            refused.push(format!("seed {seed}: {error}"));
            continue;
        }
        worlds += 1;
        for (name, params) in functions {
            let values: Vec<_> = params
                .iter()
                .map(|ty| value(&resolve, ty, &mut random))
                .collect();
            let call = format!("{name}({})", values.join(", "));
            let [native, translated] = on_both(&component, &call).await;
            assert!(
                matches!(native, End::Returned(_)),
                "seed {seed}: {call}: natively: {native:?}"
            );
            assert_eq!(native, translated, "seed {seed}: {call}");
            calls += 1;
        }
    }
    println!("{worlds} worlds, {calls} calls; refused: {refused:#?}");
    assert!(refused.is_empty(), "{refused:#?}");
    assert!(
        worlds > 0 && calls >= worlds,
        "{worlds} worlds, {calls} calls"
    );
}

/// The random world of the seed, with echoing functions only; none if there is none.
fn random_world(seed: u64) -> Option<(Resolve, WorldId)> {
    let config = Config {
        max_packages: 2,
        max_type_size: 40,
        max_interface_items: 8,
        max_world_items: 6,
        max_pkg_items: 6,
        max_type_parts: 5,
        max_files_per_package: 2,
        max_resource_items: 2,
        async_: true,
        fixed_length_lists: true,
        ..Config::default()
    };
    let mut noise = Random::new(seed);
    let bytes: Vec<u8> = (0..8192).map(|_| noise.bits() as u8).collect();
    let wasm = wit_smith::smith(&config, &mut Unstructured::new(&bytes)).ok()?;
    let Ok(DecodedWasm::WitPackage(mut resolve, _)) = wit_component::decode(&wasm) else {
        return None;
    };
    let count = |resolve: &Resolve, id: WorldId| {
        let exports = resolve.worlds[id].exports.values();
        exports
            .map(|item| match item {
                WorldItem::Interface { id, .. } => resolve.interfaces[*id].functions.len(),
                WorldItem::Function(_) => 1,
                WorldItem::Type { .. } => 0,
            })
            .sum::<usize>()
    };
    let worlds: Vec<WorldId> = resolve.worlds.iter().map(|(id, _)| id).collect();
    let world = worlds.into_iter().max_by_key(|id| count(&resolve, *id))?;
    forget_external_ids(&mut resolve);
    // An interface under a label is more than what the engine knows.
    let exports = &resolve.worlds[world].exports;
    let imports = &resolve.worlds[world].imports;
    let has_labels = exports
        .iter()
        .chain(imports)
        .any(|(key, item)| match (key, item) {
            (WorldKey::Name(_), WorldItem::Interface { id, .. }) => {
                resolve.interfaces[*id].name.is_some()
            }
            _ => false,
        });
    if has_labels || imports_resources(&resolve, world) {
        return None;
    }
    make_echoing(&mut resolve, world);
    Some((resolve, world))
}

/// Whether the host of a component of the world must have resources: ours has none but WASI's.
fn imports_resources(resolve: &Resolve, world: WorldId) -> bool {
    let is_resource = |id: &TypeId| resolve.types[*id].kind == TypeDefKind::Resource;
    let mut imports = resolve.worlds[world].imports.values();
    imports.any(|item| match item {
        WorldItem::Interface { id, .. } => resolve.interfaces[*id].types.values().any(is_resource),
        WorldItem::Type { id, .. } => is_resource(id),
        WorldItem::Function(_) => false,
    })
}

/// Removes what is a note to a host: engines do not know it yet.
fn forget_external_ids(resolve: &mut Resolve) {
    for (_, ty) in resolve.types.iter_mut() {
        ty.external_id = None;
    }
    for (_, interface) in resolve.interfaces.iter_mut() {
        for function in interface.functions.values_mut() {
            function.external_id = None;
        }
    }
    for (_, world) in resolve.worlds.iter_mut() {
        for item in world.imports.values_mut().chain(world.exports.values_mut()) {
            match item {
                WorldItem::Interface { external_id, .. } => *external_id = None,
                WorldItem::Function(function) => function.external_id = None,
                WorldItem::Type { .. } => {}
            }
        }
    }
}

/// Makes each exported function async, its result the tuple of its parameters. Those that cannot be that go.
fn make_echoing(resolve: &mut Resolve, world: WorldId) {
    let mut interfaces = Vec::new();
    let mut own = Vec::new();
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Interface { id, .. } => interfaces.push(*id),
            WorldItem::Function(_) => own.push(key.clone()),
            WorldItem::Type { .. } => {}
        }
    }
    for id in interfaces {
        let functions = std::mem::take(&mut resolve.interfaces[id].functions);
        for (name, mut function) in functions {
            if echoing(resolve, &mut function) {
                resolve.interfaces[id].functions.insert(name, function);
            }
        }
    }
    for key in own {
        let Some(WorldItem::Function(function)) = resolve.worlds[world].exports.get(&key) else {
            continue;
        };
        let mut function = function.clone();
        if echoing(resolve, &mut function) {
            let item = WorldItem::Function(function);
            resolve.worlds[world].exports.insert(key, item);
        } else {
            resolve.worlds[world].exports.shift_remove(&key);
        }
    }
}

fn echoing(resolve: &mut Resolve, function: &mut wit_parser::Function) -> bool {
    let free = matches!(
        function.kind,
        FunctionKind::Freestanding | FunctionKind::AsyncFreestanding
    );
    let types: Vec<Type> = function.params.iter().map(|param| param.ty).collect();
    if !free || types.is_empty() || !types.iter().all(|ty| writable(resolve, ty)) {
        return false;
    }
    function.kind = FunctionKind::AsyncFreestanding;
    let tuple = resolve.types.alloc(TypeDef {
        name: None,
        kind: TypeDefKind::Tuple(Tuple { types }),
        owner: TypeOwner::None,
        docs: Default::default(),
        stability: Default::default(),
        span: Default::default(),
        external_id: None,
    });
    function.result = Some(Type::Id(tuple));
    true
}

/// The functions that echo: how they are called, and the types of their parameters.
fn functions(resolve: &Resolve, world: WorldId) -> Vec<(String, Vec<Type>)> {
    let mut all = Vec::new();
    let types = |function: &wit_parser::Function| {
        let params = function.params.iter();
        params.map(|param| param.ty).collect::<Vec<_>>()
    };
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => all.push((function.name.clone(), types(function))),
            WorldItem::Interface { id, .. } => {
                let interface = match key {
                    WorldKey::Name(name) => name.clone(),
                    key => resolve.name_world_key(key),
                };
                for function in resolve.interfaces[*id].functions.values() {
                    all.push((format!("{interface}.{}", function.name), types(function)));
                }
            }
            WorldItem::Type { .. } => {}
        }
    }
    // A short name that an interface's function has too would call either.
    let is_ambiguous = |name: &str| {
        all.iter()
            .any(|(other, _)| other.ends_with(&format!(".{name}")))
    };
    let ambiguous: Vec<_> = all.iter().map(|(name, _)| is_ambiguous(name)).collect();
    let clear = all
        .into_iter()
        .zip(ambiguous)
        .filter(|(_, ambiguous)| !ambiguous);
    clear.map(|(function, _)| function).collect()
}

/// Whether values of the type can be written in WAVE.
fn writable(resolve: &Resolve, ty: &Type) -> bool {
    let all = |mut types: &mut dyn Iterator<Item = &Type>| {
        Iterator::all(&mut types, |ty| writable(resolve, ty))
    };
    let Type::Id(id) = ty else {
        return *ty != Type::ErrorContext;
    };
    match &resolve.types[*id].kind {
        TypeDefKind::Record(record) => all(&mut record.fields.iter().map(|field| &field.ty)),
        TypeDefKind::Tuple(tuple) => !tuple.types.is_empty() && all(&mut tuple.types.iter()),
        TypeDefKind::Variant(variant) => {
            all(&mut variant.cases.iter().filter_map(|case| case.ty.as_ref()))
        }
        TypeDefKind::Result(result) => all(&mut result.ok.iter().chain(&result.err)),
        TypeDefKind::Option(ty) | TypeDefKind::List(ty) | TypeDefKind::Type(ty) => {
            writable(resolve, ty)
        }
        TypeDefKind::FixedLengthList(ty, length) => *length <= 100 && writable(resolve, ty),
        TypeDefKind::Enum(_) | TypeDefKind::Flags(_) => true,
        _ => false,
    }
}

/// A random value of the type, in WAVE.
fn value(resolve: &Resolve, ty: &Type, random: &mut Random) -> String {
    let bits = match random.below(3) {
        0 => 0,
        1 => u64::MAX,
        _ => random.bits(),
    };
    match ty {
        Type::Bool => (bits & 1 == 1).to_string(),
        Type::U8 => (bits as u8).to_string(),
        Type::U16 => (bits as u16).to_string(),
        Type::U32 => (bits as u32).to_string(),
        Type::U64 => bits.to_string(),
        Type::S8 => (bits as i8).to_string(),
        Type::S16 => (bits as i16).to_string(),
        Type::S32 => (bits as i32).to_string(),
        Type::S64 => (bits as i64).to_string(),
        Type::F32 | Type::F64 => {
            ["0", "1.5", "-0.25", "inf", "-inf", "nan"][random.below(6)].to_owned()
        }
        Type::Char => format!("'{}'", letter(random)),
        Type::String => {
            let len = random.below(20);
            let text: String = (0..len).map(|_| letter(random)).collect();
            format!("\"{text}\"")
        }
        Type::ErrorContext => unreachable!("it cannot be written"),
        Type::Id(id) => of_kind(resolve, &resolve.types[*id].kind, random),
    }
}

fn letter(random: &mut Random) -> char {
    ['a', 'Z', '0', ' ', 'é', 'ß', '中', '\u{1f980}'][random.below(8)]
}

fn of_kind(resolve: &Resolve, kind: &TypeDefKind, random: &mut Random) -> String {
    let mut many = |count: usize, ty: &Type| -> String {
        let values: Vec<_> = (0..count).map(|_| value(resolve, ty, random)).collect();
        values.join(", ")
    };
    match kind {
        TypeDefKind::List(ty) => {
            let count = many(1, &Type::U8).parse::<usize>().unwrap() % 4;
            format!("[{}]", many(count, ty))
        }
        TypeDefKind::FixedLengthList(ty, length) => format!("({})", many(*length as usize, ty)),
        TypeDefKind::Type(ty) => value(resolve, ty, random),
        TypeDefKind::Record(record) => {
            let fields = record.fields.iter().map(|field| {
                format!(
                    "{}: {}",
                    word(&field.name),
                    value(resolve, &field.ty, random)
                )
            });
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Tuple(tuple) => {
            let values = tuple.types.iter().map(|ty| value(resolve, ty, random));
            format!("({})", values.collect::<Vec<_>>().join(", "))
        }
        TypeDefKind::Variant(variant) => {
            let case = &variant.cases[random.below(variant.cases.len())];
            with_payload(&word(&case.name), resolve, case.ty.as_ref(), random)
        }
        TypeDefKind::Option(ty) => match random.below(3) {
            0 => "none".to_owned(),
            _ => with_payload("some", resolve, Some(ty), random),
        },
        TypeDefKind::Result(result) => match random.below(2) {
            0 => with_payload("ok", resolve, result.ok.as_ref(), random),
            _ => with_payload("err", resolve, result.err.as_ref(), random),
        },
        TypeDefKind::Enum(it) => word(&it.cases[random.below(it.cases.len())].name),
        TypeDefKind::Flags(flags) => {
            let mut text = String::new();
            for flag in &flags.flags {
                if random.below(2) == 0 {
                    let comma = if text.is_empty() { "" } else { ", " };
                    write!(text, "{comma}{}", word(&flag.name)).unwrap();
                }
            }
            format!("{{{text}}}")
        }
        other => unreachable!("it cannot be written: {other:?}"),
    }
}

fn with_payload(case: &str, resolve: &Resolve, ty: Option<&Type>, random: &mut Random) -> String {
    match ty {
        Some(ty) => format!("{case}({})", value(resolve, ty, random)),
        None => case.to_owned(),
    }
}

/// A name, marked as one if it is a word of the language.
fn word(name: &str) -> String {
    if ["true", "false", "inf", "nan", "some", "none", "ok", "err"].contains(&name) {
        format!("%{name}")
    } else {
        name.to_owned()
    }
}
