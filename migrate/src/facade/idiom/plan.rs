//! What the rules have found in a program, and what paths become; the edits that follow, of paths and of the `use`s that they lead through.

use super::mentions::{Leaf, Mention};
use super::{ProgramContext, same, uses};
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use proc_macro2::{TokenStream, TokenTree};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::str::FromStr;

/// A path of 0.2 that becomes one of 0.3, with what else changes around it.
pub struct Conversion {
    /// The index of the path among the mentions.
    pub mention: usize,
    /// The path in 0.3, without the crate.
    pub new: Vec<String>,
    pub finding: Finding,
    pub edits: Vec<Edit>,
    /// What the edits remove, with the paths in it.
    pub removed: Vec<Range<usize>>,
}

#[derive(Default)]
pub struct Plan {
    rule: &'static str,
    conversions: Vec<(&'static str, Conversion)>,
    findings: Vec<(&'static str, usize, Finding)>,
    /// The rule that moves names which are the same in 0.3.
    same: Option<&'static str>,
}

impl Plan {
    /// What follows is found by this rule.
    pub fn begin(&mut self, rule: &'static str) {
        self.rule = rule;
    }

    pub fn convert(&mut self, conversion: Conversion) {
        self.conversions.push((self.rule, conversion));
    }

    /// Something that is as it is, or has a fix of its own.
    pub fn find(&mut self, file: usize, finding: Finding) {
        self.findings.push((self.rule, file, finding));
    }

    /// Names in `use`s move too, if they are the same in 0.3.
    pub fn move_names(&mut self) {
        self.same = Some(self.rule);
    }

    /// The findings by file, with all edits. What is at the `denied` places stays.
    pub fn findings(
        &self,
        context: &ProgramContext,
        denied: &[(usize, Range<usize>)],
    ) -> Vec<Vec<Finding>> {
        Emitter::new(self, context, denied).emit()
    }
}

/// What becomes of a name that a `use` brings in.
#[derive(Clone, PartialEq)]
enum Fate {
    Stays,
    /// It leads to this path, under this name.
    Leads(Vec<String>, String),
    Goes,
}

struct Emitter<'a> {
    plan: &'a Plan,
    context: &'a ProgramContext<'a>,
    denied: &'a [(usize, Range<usize>)],
    /// The conversions that are made, by mention.
    new: FxHashMap<usize, usize>,
    fates: Vec<Fate>,
    /// How often each word stands in a file outside of `use`s, and in `use`s.
    words: FxHashMap<usize, Words>,
    /// The names to bring in, by the `use` that they are put beside.
    imports: BTreeMap<usize, BTreeSet<Vec<String>>>,
}

#[derive(Default)]
struct Words {
    outside: FxHashMap<String, usize>,
    inside: FxHashMap<String, usize>,
    /// The same for words at the beginning of paths: neither behind `::` nor names of methods and fields.
    first_outside: FxHashMap<String, usize>,
    first_inside: FxHashMap<String, usize>,
}

impl<'a> Emitter<'a> {
    fn new(
        plan: &'a Plan,
        context: &'a ProgramContext<'a>,
        denied: &'a [(usize, Range<usize>)],
    ) -> Self {
        let mut new = FxHashMap::default();
        for (index, (_, conversion)) in plan.conversions.iter().enumerate() {
            let file = context.mentions[conversion.mention].file;
            if !denied.contains(&(file, conversion.finding.range.clone())) {
                new.entry(conversion.mention).or_insert(index);
            }
        }
        Self {
            plan,
            context,
            denied,
            new,
            fates: Vec::new(),
            words: FxHashMap::default(),
            imports: BTreeMap::new(),
        }
    }

    fn emit(mut self) -> Vec<Vec<Finding>> {
        let files: FxHashSet<usize> = self.context.leaves.iter().map(|leaf| leaf.file).collect();
        for file in files {
            let words = Words::of(self.context, file);
            self.words.insert(file, words);
        }
        self.fates = (0..self.context.leaves.len())
            .map(|leaf| self.fate(leaf))
            .collect();
        self.keep_comments();
        let mut found: Vec<Vec<Finding>> =
            self.context.sources.iter().map(|_| Vec::new()).collect();
        let mut converted: Vec<_> = self
            .new
            .iter()
            .map(|(mention, index)| (*mention, *index))
            .collect();
        converted.sort_unstable();
        let mut made = Vec::new();
        for (mention, index) in converted {
            let (rule, conversion) = &self.plan.conversions[index];
            let mention = &self.context.mentions[mention];
            let mut edits = conversion.edits.clone();
            edits.extend(self.path(mention, &conversion.new));
            made.push((*rule, mention, conversion.finding.clone(), edits));
        }
        let statements = self.statements();
        for (rule, mention, finding, mut edits) in made {
            let uses = mention.leaf.map(|leaf| &self.context.leaves[leaf]);
            if let Some(leaf) = uses
                && let Some(changed) = statements.get(&(leaf.file, leaf.statement.start))
            {
                edits.extend(changed.iter().cloned());
            }
            // The name moves with the `use`, which has a finding.
            if edits.is_empty() {
                continue;
            }
            found[mention.file].push(Finding {
                rule,
                ..finding.fix(Fix::safe(edits))
            });
        }
        self.names(&statements, &mut found);
        let is_covered = |file: usize, range: &Range<usize>| {
            self.new.values().any(|index| {
                let conversion = &self.plan.conversions[*index].1;
                self.context.mentions[conversion.mention].file == file
                    && (inside(range, &conversion.finding.range)
                        || conversion
                            .removed
                            .iter()
                            .any(|removed| inside(range, removed)))
            })
        };
        let moves = |file: usize, range: &Range<usize>| {
            let mut leaves = self.context.leaves.iter().zip(&self.fates);
            leaves.any(|(leaf, fate)| {
                leaf.file == file && leaf.range == *range && *fate != Fate::Stays
            })
        };
        for (rule, file, finding) in &self.plan.findings {
            let goes = is_covered(*file, &finding.range) || moves(*file, &finding.range);
            if finding.fix.is_some() || !goes {
                let finding = finding.clone();
                found[*file].push(Finding { rule, ..finding });
            }
        }
        for findings in &mut found {
            findings.sort_by_key(|finding| (finding.range.start, finding.range.end));
            findings.dedup();
        }
        found
    }

    /// The findings of names in `use`s that are the same in 0.3.
    fn names(&self, statements: &FxHashMap<(usize, usize), Vec<Edit>>, found: &mut [Vec<Finding>]) {
        let Some(rule) = self.plan.same else { return };
        for (leaf, fate) in self.context.leaves.iter().zip(&self.fates) {
            let Some(new) = same(&leaf.item) else {
                continue;
            };
            let message = format!("this is `compat_api::{}` in 0.3", new.join("::"));
            let finding = Finding::new(leaf.range.clone(), message);
            let edits = statements.get(&(leaf.file, leaf.statement.start));
            let finding = match (fate, edits) {
                (Fate::Leads(..), Some(edits)) => finding.fix(Fix::safe(edits.clone())),
                _ => finding.help("there are comments in this `use`: move the name by hand"),
            };
            found[leaf.file].push(Finding { rule, ..finding });
        }
    }

    fn fate(&self, index: usize) -> Fate {
        let leaf = &self.context.leaves[index];
        let Some(local) = &leaf.local else {
            return Fate::Stays;
        };
        if self.denied.contains(&(leaf.file, leaf.range.clone())) {
            return Fate::Stays;
        }
        if self.plan.same.is_some()
            && let Some(new) = same(&leaf.item)
        {
            // Only the name of the item itself may differ: what is behind it is written elsewhere.
            return Fate::Leads(new, local.clone());
        }
        let through: Vec<(usize, &Mention)> = self
            .context
            .mentions
            .iter()
            .enumerate()
            .filter(|(_, mention)| mention.leaf == Some(index))
            .collect();
        let words = self.words.get(&leaf.file);
        let count = |of: fn(&Words) -> &FxHashMap<String, usize>| {
            words.map_or(0, |words| of(words).get(local).copied().unwrap_or(0))
        };
        let is_seen = count(|words| &words.first_outside) == through.len()
            && count(|words| &words.first_inside) <= self.own_words(leaf);
        if leaf.is_public || through.is_empty() || !is_seen {
            return Fate::Stays;
        }
        let mut leads: Option<Vec<String>> = None;
        let mut agree = true;
        for (mention, found) in through {
            let Some(conversion) = self.new.get(&mention) else {
                if self.is_removed(found) {
                    continue;
                }
                return Fate::Stays;
            };
            let new = &self.plan.conversions[*conversion].1.new;
            let behind = found.names.len() - 1;
            let leading = new[..new.len().saturating_sub(behind)].to_vec();
            agree &= !leading.is_empty() && leads.as_ref().is_none_or(|leads| *leads == leading);
            leads = Some(leading);
        }
        match leads {
            Some(leads) if agree => {
                let last = leads.last().cloned().unwrap_or_default();
                let name = if leaf.is_renamed { local.clone() } else { last };
                let is_free = name == *local || words.is_some_and(|words| words.has_not(&name));
                if is_free {
                    Fate::Leads(leads, name)
                } else {
                    Fate::Goes
                }
            }
            _ => Fate::Goes,
        }
    }

    /// How often the name begins a path in its own `use`.
    fn own_words(&self, leaf: &Leaf) -> usize {
        let before = self.context.sources[leaf.file].text[..leaf.range.start].trim_end();
        usize::from(leaf.is_renamed || !before.ends_with("::"))
    }

    /// `use`s with comments inside stay, unless only `p2::` goes.
    fn keep_comments(&mut self) {
        for index in 0..self.context.leaves.len() {
            let leaf = &self.context.leaves[index];
            if self.fates[index] == Fate::Stays || !self.has_comment(leaf) {
                continue;
            }
            let own: Vec<usize> = (0..self.context.leaves.len())
                .filter(|other| {
                    let other = &self.context.leaves[*other];
                    other.file == leaf.file && other.statement == leaf.statement
                })
                .collect();
            if !self.is_only_shorter(&own) {
                own.into_iter()
                    .for_each(|other| self.fates[other] = Fate::Stays);
            }
        }
    }

    /// Whether all names of a `use` lead where they did, but not through the facade.
    fn is_only_shorter(&self, leaves: &[usize]) -> bool {
        let Some(first) = leaves.first().map(|leaf| &self.context.leaves[*leaf]) else {
            return false;
        };
        let Some(parsed) = &self.context.files[first.file] else {
            return false;
        };
        let Some(item) = uses::at(parsed, &first.statement) else {
            return false;
        };
        let mut total = 0;
        count(&item.tree, &mut total);
        total == leaves.len()
            && uses::facade(parsed, &item.tree).is_some()
            && leaves.iter().all(|leaf| match &self.fates[*leaf] {
                Fate::Leads(new, name) => {
                    let leaf = &self.context.leaves[*leaf];
                    *new == leaf.item && leaf.local.as_ref() == Some(name)
                }
                _ => false,
            })
    }

    fn is_removed(&self, mention: &Mention) -> bool {
        self.new.values().any(|index| {
            let conversion = &self.plan.conversions[*index].1;
            self.context.mentions[conversion.mention].file == mention.file
                && conversion
                    .removed
                    .iter()
                    .any(|removed| inside(&mention.range, removed))
        })
    }

    fn has_comment(&self, leaf: &Leaf) -> bool {
        let text = &self.context.sources[leaf.file].text[leaf.statement.clone()];
        text.contains("//") || text.contains("/*")
    }

    /// The edit of a path, if it changes.
    fn path(&mut self, mention: &Mention, new: &[String]) -> Option<Edit> {
        let fate = mention.leaf.map(|leaf| (leaf, self.fates[leaf].clone()));
        let text = match fate {
            // It stands for the same thing as before.
            Some((leaf, Fate::Leads(_, _) | Fate::Stays))
                if self.plan.same.is_some() && same(&self.context.leaves[leaf].item).is_some() =>
            {
                return None;
            }
            Some((_, Fate::Leads(leads, name))) => {
                let behind = new[leads.len()..].iter();
                [name]
                    .iter()
                    .chain(behind)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join("::")
            }
            _ if mention.is_whole => format!("compat_api::{}", new.join("::")),
            Some((leaf, _)) if self.can_import(mention, leaf, new) => {
                let at = item_in(new)?;
                let import = new[..=at].to_vec();
                self.imports.entry(leaf).or_default().insert(import);
                new[at..].join("::")
            }
            _ => format!("compat_api::{}", new.join("::")),
        };
        let is_there = self.context.sources[mention.file].text[mention.range.clone()] == text;
        (!is_there).then(|| Edit::replace(mention.range.clone(), text))
    }

    /// Whether a `use` beside the one that the path led through can bring in the type.
    fn can_import(&self, mention: &Mention, leaf: usize, new: &[String]) -> bool {
        let found = &self.context.leaves[leaf];
        let Some(at) = item_in(new) else {
            return false;
        };
        let name = &new[at];
        if found.module != mention.module && found.local.is_some() || self.has_comment(found) {
            return false;
        }
        // Through a glob it has the name already.
        (found.local.is_none() && mention.names.first() == Some(name))
            || self
                .words
                .get(&mention.file)
                .is_some_and(|words| words.is_only(name, self.own(mention, leaf, name)))
    }

    /// How often a name is the one of this item in paths through the same `use`.
    fn own(&self, mention: &Mention, leaf: usize, name: &str) -> usize {
        let beside = self.context.mentions.iter();
        beside
            .filter(|other| {
                other.file == mention.file
                    && other.leaf == Some(leaf)
                    && same(&other.item)
                        .is_some_and(|new| item_in(&new).is_some_and(|at| new[at] == *name))
            })
            .count()
    }

    /// The edits of each `use` that changes.
    fn statements(&self) -> FxHashMap<(usize, usize), Vec<Edit>> {
        let mut by_statement: BTreeMap<(usize, usize), Vec<usize>> = BTreeMap::new();
        for (index, leaf) in self.context.leaves.iter().enumerate() {
            if self.fates[index] != Fate::Stays || self.imports.contains_key(&index) {
                let place = (leaf.file, leaf.statement.start);
                by_statement.entry(place).or_default().push(index);
            }
        }
        by_statement
            .into_iter()
            .filter_map(|(place, leaves)| Some((place, self.statement(place.0, &leaves)?)))
            .collect()
    }

    fn statement(&self, file: usize, leaves: &[usize]) -> Option<Vec<Edit>> {
        let parsed = self.context.files[file].as_ref()?;
        let first = &self.context.leaves[leaves[0]];
        let item = uses::at(parsed, &first.statement)?;
        let fate = |index: usize| {
            let leaf = leaves
                .iter()
                .find(|leaf| self.context.leaves[**leaf].index == index);
            leaf.map_or(&Fate::Stays, |leaf| &self.fates[*leaf])
        };
        // All of it is where it was, but for the facade.
        let rest = uses::without(parsed, &item.tree, &|index| *fate(index) == Fate::Stays);
        let imports = leaves
            .iter()
            .filter_map(|leaf| self.imports.get(leaf))
            .flatten();
        let mut private: BTreeSet<(Vec<String>, String)> = imports
            .map(|path| (path.clone(), path.last().cloned().unwrap_or_default()))
            .collect();
        if private.is_empty()
            && self.is_only_shorter(leaves)
            && let Some(place) = uses::facade(parsed, &item.tree)
        {
            return Some(vec![Edit::delete(place)]);
        }
        let mut moved = BTreeSet::new();
        for leaf in leaves {
            if let Fate::Leads(new, name) = &self.fates[*leaf] {
                moved.insert((new.clone(), name.clone()));
            }
        }
        if !first.is_public {
            moved.append(&mut private);
        }
        private.retain(|import| !moved.contains(import));
        let text = &parsed.text;
        let attributes: Vec<&str> = item
            .attrs
            .iter()
            .map(|found| &text[parsed.range(found)])
            .collect();
        let visibility = match &item.vis {
            syn::Visibility::Inherited => String::new(),
            found => format!("{} ", &text[parsed.range(found)]),
        };
        let indent = crate::rules::rust::indent(text, first.statement.start);
        let end = crate::facade::emit::line_end(text);
        let mut lines: Vec<String> = Vec::new();
        for (names, visibility) in [(moved, visibility.as_str()), (private, "")] {
            for line in brought_in(&names) {
                let mut all: Vec<String> =
                    attributes.iter().map(|found| (*found).to_owned()).collect();
                all.push(format!("{visibility}use compat_api::{line};"));
                lines.push(all.join(&format!("{end}{indent}")));
            }
        }
        let joined = lines.join(&format!("{end}{indent}"));
        let statement = first.statement.clone();
        Some(match rest {
            None if lines.is_empty() => vec![Edit::delete(whole_lines(text, statement))],
            None => vec![Edit::replace(statement, joined)],
            Some(rest) => {
                let tree = parsed.range(&item.tree);
                let mut edits = Vec::new();
                if text[tree.clone()] != rest {
                    edits.push(Edit::replace(tree, rest));
                }
                if !lines.is_empty() {
                    edits.push(Edit::insert(
                        statement.end,
                        format!("{end}{indent}{joined}"),
                    ));
                }
                edits
            }
        })
    }
}

fn count(tree: &syn::UseTree, total: &mut usize) {
    match tree {
        syn::UseTree::Path(path) => count(&path.tree, total),
        syn::UseTree::Group(group) => group.items.iter().for_each(|tree| count(tree, total)),
        _ => *total += 1,
    }
}

/// The paths of `use`s for these items under these names, one for each module.
fn brought_in(names: &BTreeSet<(Vec<String>, String)>) -> Vec<String> {
    let mut by_module: BTreeMap<&[String], Vec<String>> = BTreeMap::new();
    for (path, name) in names {
        let Some((last, module)) = path.split_last() else {
            continue;
        };
        let own = if last == name {
            last.clone()
        } else {
            format!("{last} as {name}")
        };
        by_module.entry(module).or_default().push(own);
    }
    let lines = by_module.into_iter().map(|(module, names)| {
        let names = match &names[..] {
            [one] => one.clone(),
            names => format!("{{{}}}", names.join(", ")),
        };
        [module, &[names]].concat().join("::")
    });
    lines.collect()
}

/// The place of the type in a path: `http::types::ErrorCode::InternalError` has it third. Functions are not brought in.
fn item_in(path: &[String]) -> Option<usize> {
    (path.len() > 2 && path[2].starts_with(char::is_uppercase)).then_some(2)
}

fn inside(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

impl Words {
    fn of(context: &ProgramContext, file: usize) -> Self {
        let mut words = Self::default();
        let text = &context.sources[file].text;
        let statements: Vec<&Range<usize>> = context
            .leaves
            .iter()
            .filter(|leaf| leaf.file == file)
            .map(|leaf| &leaf.statement)
            .collect();
        let mut texts: Vec<(bool, Range<usize>)> = Vec::new();
        let mut at = 0;
        let mut sorted = statements;
        sorted.sort_by_key(|range| range.start);
        sorted.dedup();
        for statement in sorted {
            texts.push((false, at..statement.start));
            texts.push((true, statement.clone()));
            at = statement.end;
        }
        texts.push((false, at..text.len()));
        for (is_use, range) in texts {
            words.add(&text[range], is_use);
        }
        words
    }

    fn add(&mut self, text: &str, is_use: bool) {
        let (all, first) = match is_use {
            true => (&mut self.inside, &mut self.first_inside),
            false => (&mut self.outside, &mut self.first_outside),
        };
        match TokenStream::from_str(text) {
            Ok(tokens) => each_word(tokens, &mut |word, is_first| {
                if is_first {
                    *first.entry(word.clone()).or_default() += 1;
                }
                *all.entry(word).or_default() += 1;
            }),
            // A part of a block: words of comments and strings are counted too, so that less is moved.
            Err(_) => {
                for word in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
                    *first.entry(word.to_owned()).or_default() += 1;
                    *all.entry(word.to_owned()).or_default() += 1;
                }
            }
        }
    }

    fn has_not(&self, word: &str) -> bool {
        !self.outside.contains_key(word) && !self.inside.contains_key(word)
    }

    fn is_only(&self, word: &str, times: usize) -> bool {
        self.outside.get(word).copied().unwrap_or(0) == times && !self.inside.contains_key(word)
    }
}

fn each_word(tokens: TokenStream, visit: &mut dyn FnMut(String, bool)) {
    let mut before = ['"'; 2];
    for tree in tokens {
        let own = match &tree {
            TokenTree::Punct(punct) => punct.as_char(),
            _ => '"',
        };
        match tree {
            TokenTree::Group(group) => each_word(group.stream(), visit),
            TokenTree::Ident(ident) => {
                let is_member = before[1] == '.' && before[0] != '.';
                visit(ident.to_string(), before != [':', ':'] && !is_member);
            }
            _ => {}
        }
        before = [before[1], own];
    }
}
