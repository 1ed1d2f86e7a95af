//! The results of methods of the standard library, for the types that hold others.

use super::types::Ty;

/// Types that one sees through: methods of what is inside are theirs.
pub const TRANSPARENT: [&str; 16] = [
    "Box",
    "Rc",
    "Arc",
    "Ref",
    "RefMut",
    "MutexGuard",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "Cow",
    "Pin",
    "ManuallyDrop",
    "LazyCell",
    "LazyLock",
    "Wrapping",
    "Reverse",
    "UnsafeCell",
];

const LISTS: [&str; 10] = [
    "Vec",
    "VecDeque",
    "HashSet",
    "BTreeSet",
    "BinaryHeap",
    "Iter",
    "Slab",
    "SmallVec",
    "LinkedList",
    "Arena",
];
const MAPS: [&str; 4] = ["HashMap", "BTreeMap", "IndexMap", "FxHashMap"];
const CELLS: [&str; 6] = ["RefCell", "Cell", "Mutex", "RwLock", "OnceCell", "OnceLock"];

/// What a method gives to the closure that it takes.
pub fn given(receiver: &Ty, method: &str) -> Vec<Ty> {
    let Ty::Std(name, _) = receiver else {
        return Vec::new();
    };
    let name: &str = name;
    let second = || {
        if name == "Result"
            && ["map_err", "or_else", "unwrap_or_else", "inspect_err"].contains(&method)
        {
            Ty::Unknown
        } else {
            receiver.argument(0)
        }
    };
    match name {
        "Option" | "Result" => vec![second()],
        name if LISTS.contains(&name) => match method {
            "fold" | "try_fold" => vec![Ty::Unknown, receiver.argument(0)],
            _ => vec![receiver.argument(0)],
        },
        name if MAPS.contains(&name) => vec![receiver.argument(0), receiver.argument(1)],
        _ => Vec::new(),
    }
}

/// The result of a method of the standard library; `closure` is what the closure that it is given returns.
pub fn result(receiver: &Ty, method: &str, closure: Option<&Ty>) -> Ty {
    let Ty::Std(name, _) = receiver else {
        return Ty::Unknown;
    };
    let name: &str = name;
    let argument = |index| receiver.argument(index);
    let mapped = || closure.cloned().unwrap_or(Ty::Unknown);
    match method {
        "clone" | "as_ref" | "as_mut" | "to_owned" | "as_deref" | "as_deref_mut" | "cloned"
        | "copied" | "to_vec" | "by_ref"
            if !CELLS.contains(&name) =>
        {
            return receiver.clone();
        }
        "upgrade" if name == "Weak" => {
            return Ty::std("Option", vec![Ty::std("Rc", vec![argument(0)])]);
        }
        _ => {}
    }
    match name {
        "Option" | "Result" => wrapped(receiver, name, method, mapped),
        name if MAPS.contains(&name) => match method {
            "get" | "get_mut" | "remove" | "insert" => Ty::std("Option", vec![argument(1)]),
            "values" | "values_mut" | "into_values" => Ty::std("Iter", vec![argument(1)]),
            "keys" | "into_keys" => Ty::std("Iter", vec![argument(0)]),
            "iter" | "iter_mut" | "into_iter" | "drain" => {
                Ty::std("Iter", vec![Ty::Tuple(vec![argument(0), argument(1)])])
            }
            "entry" => Ty::std("Entry", vec![argument(1)]),
            _ => Ty::Unknown,
        },
        "Entry" => argument(0),
        name if CELLS.contains(&name) => match method {
            "borrow" | "borrow_mut" | "get_mut" | "into_inner" | "take" | "replace" => argument(0),
            "lock" | "read" | "write" => Ty::std("Result", vec![argument(0)]),
            "get" if name == "Cell" => argument(0),
            "get" => Ty::std("Option", vec![argument(0)]),
            "get_or_init" => argument(0),
            _ => Ty::Unknown,
        },
        name if LISTS.contains(&name) => listed(receiver, method, mapped),
        _ => Ty::Unknown,
    }
}

fn wrapped(receiver: &Ty, name: &str, method: &str, mapped: impl Fn() -> Ty) -> Ty {
    let inner = receiver.argument(0);
    match method {
        "unwrap" | "expect" | "unwrap_or" | "unwrap_or_else" | "unwrap_or_default"
        | "get_or_insert_with" | "insert" | "get_or_insert" => inner,
        "ok" | "take" | "filter" | "or" | "replace" | "inspect"
            if name == "Option" || method == "ok" =>
        {
            Ty::std("Option", vec![inner])
        }
        "ok_or" | "ok_or_else" | "context" | "with_context" | "map_err" | "or_else"
        | "inspect_err" | "inspect" | "or" => Ty::std(
            if name == "Option" && method == "or_else" {
                "Option"
            } else {
                "Result"
            },
            vec![inner],
        ),
        "map" => Ty::std(name, vec![mapped()]),
        "and_then" => mapped(),
        "map_or" | "map_or_else" => mapped(),
        "iter" | "into_iter" | "iter_mut" => Ty::std("Iter", vec![inner]),
        "transpose" => {
            let other = if name == "Option" { "Result" } else { "Option" };
            Ty::std(other, vec![Ty::std(name, vec![inner.argument(0)])])
        }
        "flatten" => inner,
        _ => Ty::Unknown,
    }
}

fn listed(receiver: &Ty, method: &str, mapped: impl Fn() -> Ty) -> Ty {
    let inner = receiver.argument(0);
    let option = |ty| Ty::std("Option", vec![ty]);
    let iter = |ty| Ty::std("Iter", vec![ty]);
    match method {
        "next" | "first" | "last" | "get" | "get_mut" | "pop" | "pop_front" | "pop_back"
        | "front" | "back" | "front_mut" | "back_mut" | "first_mut" | "last_mut" | "nth"
        | "find" | "min_by_key" | "max_by_key" | "peek" | "iter_next" => option(inner),
        "iter" | "iter_mut" | "into_iter" | "drain" | "rev" | "skip" | "take" | "step_by"
        | "filter" | "chain" | "peekable" | "skip_while" | "take_while" | "cycle" | "fuse"
        | "inspect" | "retain" => iter(inner),
        "enumerate" => iter(Ty::Tuple(vec![Ty::Unknown, inner])),
        "zip" => iter(Ty::Tuple(vec![inner, Ty::Unknown])),
        "map" => iter(mapped()),
        "filter_map" | "flat_map" => iter(mapped().argument(0)),
        "flatten" => iter(inner.argument(0)),
        "find_map" => mapped(),
        "collect" => Ty::std("Vec", vec![inner]),
        "remove" | "swap_remove" => inner,
        "as_slice" | "as_mut_slice" | "split_off" => receiver.clone(),
        _ => Ty::Unknown,
    }
}
