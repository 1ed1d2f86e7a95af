//! `use`s without some of their names.

use crate::facade::parsed::Parsed;
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{ItemUse, UseTree};

/// The `use` at a place.
pub fn at<'a>(parsed: &'a Parsed, statement: &Range<usize>) -> Option<&'a ItemUse> {
    struct Find<'a> {
        parsed: &'a Parsed,
        start: usize,
        found: Option<&'a ItemUse>,
    }
    impl<'a> Visit<'a> for Find<'a> {
        fn visit_item_use(&mut self, item: &'a ItemUse) {
            if self.parsed.range(item).start == self.start {
                self.found = Some(item);
            }
        }

        fn visit_block(&mut self, block: &'a syn::Block) {
            visit::visit_block(self, block);
        }
    }
    let mut find = Find {
        parsed,
        start: statement.start,
        found: None,
    };
    find.visit_file(&parsed.tree);
    find.found
}

/// Where `p2::` is, if the path leads straight into the facade.
pub fn facade(parsed: &Parsed, tree: &UseTree) -> Option<Range<usize>> {
    let UseTree::Path(first) = tree else {
        return None;
    };
    let UseTree::Path(second) = &*first.tree else {
        return None;
    };
    (first.ident == "compat_api" && second.ident == "p2")
        .then(|| parsed.range(&second.ident).start..parsed.range(&*second.tree).start)
}

/// The text of a `use`'s tree with the names that `keep` wants, by their places. `None` if there are none.
pub fn without(parsed: &Parsed, tree: &UseTree, keep: &dyn Fn(usize) -> bool) -> Option<String> {
    rendered(parsed, tree, keep, &mut 0)
}

fn rendered(
    parsed: &Parsed,
    tree: &UseTree,
    keep: &dyn Fn(usize) -> bool,
    index: &mut usize,
) -> Option<String> {
    let text = &parsed.text;
    match tree {
        UseTree::Path(path) => {
            let inner = rendered(parsed, &path.tree, keep, index)?;
            let begin = parsed.range(&path.ident).start..parsed.range(&*path.tree).start;
            Some(format!("{}{inner}", &text[begin]))
        }
        UseTree::Group(group) => {
            let all: Vec<(Range<usize>, Option<String>)> = group
                .items
                .iter()
                .map(|inner| (parsed.range(inner), rendered(parsed, inner, keep, index)))
                .collect();
            let whole = parsed.range(tree);
            let kept: Vec<usize> = (0..all.len()).filter(|at| all[*at].1.is_some()).collect();
            let is_long = text[whole.clone()].contains('\n');
            match &kept[..] {
                [] => None,
                [one] if all.len() > 1 && !is_long && all[*one].1.as_deref() != Some("self") => {
                    all[*one].1.clone()
                }
                kept => {
                    let mut result = text[whole.start..all[0].0.start].to_owned();
                    for (order, at) in kept.iter().enumerate() {
                        if order > 0 {
                            result += &text[all[*at - 1].0.end..all[*at].0.start];
                        }
                        result += all[*at].1.as_deref().unwrap_or_default();
                    }
                    result += &text[all[all.len() - 1].0.end..whole.end];
                    Some(result)
                }
            }
        }
        leaf => {
            let own = *index;
            *index += 1;
            keep(own).then(|| text[parsed.range(leaf)].to_owned())
        }
    }
}
