//! Who may import whom: reads all of `src` and holds each path that begins with `crate` or `super` against
//! the order of the stages, which docs/architecture.md draws.
//!
//! A module that is not listed here fails the test until it has been given its place.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]

use std::fs;
use std::path::Path;

use walkdir::WalkDir;

/// The modules of the library: each may import those before it.
const LIBRARY: [&str; 25] = [
    "error",
    "progress",
    "lanes",
    "parallel",
    "prefetch",
    "kept",
    "spool",
    "article",
    "arabic",
    "shingle",
    "minhash",
    "index",
    "verify",
    "group", // the stages
    "store", // what is kept of them
    "config",
    "corpus",
    "detector",
    "archive",
    "dedup",
    "rewrite", // what brings them together, and what becomes of the articles
    "listing",
    "comparison",
    "evaluation", // what is told of them
    "stages",     // the stages one by one
];
/// What brings the stages together may also use what reads articles ...
const KNOW_ALL: [&str; 10] =
    ["config", "corpus", "detector", "archive", "dedup", "rewrite", "listing", "comparison", "evaluation", "stages"];
/// ... of which the stages know only these plain types. The tokenizer knows texts, and not even them.
const PLAIN: [&str; 2] = ["Article", "Timestamp"];
const WITHOUT_ARTICLE: &str = "arabic";
/// The modules of the program, in their order. They see the library from outside, as `naskh`.
const PROGRAM: [&str; 2] = ["report", "cli"];

#[test]
fn stages_import_only_earlier_ones() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = Vec::new();
    for entry in WalkDir::new(&source).sort_by_file_name() {
        let entry = entry.unwrap();
        if entry.path().extension().is_some_and(|ending| ending == "rs") {
            let file = entry.path().strip_prefix(&source).unwrap();
            let file: Vec<_> = file.iter().map(|part| part.to_str().unwrap()).collect();
            seen.push(top(&module(&file.join("/"))));
            wrong.extend(violations(&file.join("/"), &fs::read_to_string(entry.path()).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "imports against the order of the stages:\n{}\n", wrong.join("\n"));
    for listed in LIBRARY.iter().chain(&PROGRAM) {
        assert!(seen.iter().any(|module| module == listed), "src has no module {listed}: take it off the lists");
    }
}

/// What is wrong with one file of `src`, a line each: file, line, and why.
fn violations(file: &str, text: &str) -> Vec<String> {
    let at = |line: usize, why: &str| format!("src/{file}:{line}: {why}");
    let own = module(file);
    let code = without_comments(text);
    let mut wrong = Vec::new();
    if own.is_empty() {
        // A root: what it declares decides what belongs to the library and what to the program.
        let (listed, root) =
            if file == "main.rs" { (&PROGRAM[..], "the program") } else { (&LIBRARY[..], "the library") };
        for (line, declared) in (1..).zip(code.lines()).filter_map(|(line, code)| Some((line, declaration(code)?))) {
            if !listed.contains(&declared) {
                wrong.push(at(line, &format!("`mod {declared}` is no listed part of {root}")));
            }
        }
        return wrong;
    }
    let from = top(&own);
    if !LIBRARY.contains(&&*from) && !PROGRAM.contains(&&*from) {
        wrong.push(at(1, &format!("the module `{from}` has no place in the order yet: see tests/layers.rs")));
        return wrong;
    }
    for (place, path) in paths(&code) {
        let line = 1 + code[..place].matches('\n').count();
        let mut inside = own.clone();
        inside.extend(inline_modules(&code, line));
        let why = match resolved(inside, &path) {
            Some(target) => objection(&from, &target),
            None => Some("leads out of the crate".to_owned()),
        };
        wrong.extend(why.map(|why| at(line, &format!("`{}`: {why}", path.join("::")))));
    }
    wrong
}

/// Why the module `from` may not name `target`, a path from the root; `None` if it may.
fn objection(from: &str, target: &[String]) -> Option<String> {
    let name = top(target);
    let place = |list: &[&str], module: &str| list.iter().position(|listed| *listed == module);
    if name == from {
        return None;
    }
    if let Some(own) = place(&PROGRAM, from) {
        return match place(&PROGRAM, &name) {
            Some(other) if other < own => None,
            Some(_) => Some(format!("{from} does not know {name}")),
            None => Some("the program sees the library from outside, as `naskh`".to_owned()),
        };
    }
    if PROGRAM.contains(&&*name) {
        return Some("the library does not know the program".to_owned());
    }
    let (Some(own), Some(other)) = (place(&LIBRARY, from), place(&LIBRARY, &name)) else {
        return Some("not a listed module: name the module that defines it, not the root".to_owned());
    };
    if other > own {
        return Some(format!("{name} comes after {from}"));
    }
    if name != "article" || KNOW_ALL.contains(&from) {
        return None;
    }
    if from == WITHOUT_ARTICLE {
        return Some(format!("{from} does not know articles"));
    }
    let plain = target.get(1).is_some_and(|item| PLAIN.contains(&&**item));
    (!plain).then(|| format!("of article {from} knows only {}", PLAIN.join(" and ")))
}

/// The module of a file of `src`, from the root; empty for the roots themselves.
fn module(file: &str) -> Vec<String> {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if ["lib", "main"].contains(&path) { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
}

fn top(path: &[String]) -> String {
    path.first().cloned().unwrap_or_default()
}

/// `path`, found in the module `inside`, from the root; `None` if `super` leads beyond that.
fn resolved(mut inside: Vec<String>, path: &[String]) -> Option<Vec<String>> {
    for part in path {
        match part.as_str() {
            "crate" => inside.clear(),
            "self" => {}
            "super" => drop(inside.pop()?),
            name => inside.push(name.to_owned()),
        }
    }
    Some(inside)
}

/// Blanks out comments, doc comments with their links among them. (A string with `//` in it loses its end.)
fn without_comments(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The name declared by a line such as `pub(crate) mod name;`.
fn declaration(line: &str) -> Option<&str> {
    let (before, name) = line.strip_suffix(';')?.split_once("mod ")?;
    (before.is_empty() || before.starts_with("pub")).then_some(name)
}

/// The modules opened in the file itself around a line, from outside in; told by the indentation that rustfmt
/// gives their closing braces.
fn inline_modules(code: &str, line: usize) -> Vec<String> {
    let mut open: Vec<(&str, String)> = Vec::new();
    for line in code.lines().take(line - 1) {
        let rest = line.trim_start();
        let indentation = &line[..line.len() - rest.len()];
        if let Some(name) = rest.strip_suffix(" {").and_then(|rest| rest.rsplit_once("mod ")) {
            if name.0.is_empty() || name.0.starts_with("pub") {
                open.push((indentation, name.1.to_owned()));
            }
        } else if rest == "}" && open.last().is_some_and(|module| module.0 == indentation) {
            open.pop();
        }
    }
    open.into_iter().map(|module| module.1).collect()
}

/// All paths that begin with `crate` or `super`, with the byte each begins at; a tree of imports gives one path
/// for each of its leaves.
fn paths(code: &str) -> Vec<(usize, Vec<String>)> {
    let mut found = Vec::new();
    for start in ["crate::", "super::"] {
        for (place, _) in code.match_indices(start) {
            let before = code[..place].chars().next_back();
            // Not in the middle of a name or of a path: `super::super::` is one path.
            if !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                let mut leaves = Vec::new();
                tree(&code[place..], Vec::new(), &mut leaves);
                found.extend(leaves.into_iter().map(|path| (place, path)));
            }
        }
    }
    found.sort_by_key(|(place, _)| *place);
    found
}

/// Reads `a::b::{c, d::e}` off the beginning of `code` and adds its leaves; what follows it.
fn tree<'c>(code: &'c str, mut path: Vec<String>, leaves: &mut Vec<Vec<String>>) -> &'c str {
    let mut rest = code.trim_start();
    if let Some(mut items) = rest.strip_prefix('{') {
        loop {
            items = items.trim_start().trim_start_matches(',').trim_start();
            if let Some(after) = items.strip_prefix('}') {
                return after;
            }
            let after = tree(items, path.clone(), leaves);
            // Another name for it, up to the next item.
            items = &after[after.find([',', '}']).unwrap_or(after.len())..];
            if items.is_empty() {
                return items;
            }
        }
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    path.push(if end == 0 { "*".to_owned() } else { rest[..end].to_owned() });
    rest = &rest[end..];
    match rest.strip_prefix("::").filter(|_| end > 0) {
        Some(more) => tree(more, path, leaves),
        None => {
            leaves.push(path);
            rest
        }
    }
}

#[test]
fn what_is_against_the_order_is_found() {
    let tests = "mod tests {\n    use super::super::groups::sample;\n}\n";
    for (file, text, expected) in [
        // Allowed.
        ("shingle/document.rs", "use crate::arabic::{Stem, Token};\nuse crate::article::Article;", &[][..]),
        ("index/config.rs", "const K: usize = crate::minhash::MinHasher::DEFAULT_K;", &[]),
        ("article/record/json.rs", "use super::super::fields::FieldTable;", &[]),
        ("report/csv.rs", tests, &[]),
        ("cli/group.rs", "use naskh::Corpus;\nuse crate::report::Groups;\nuse super::session::Session;", &[]),
        ("corpus.rs", "use crate::article::{Article, read_articles};\nuse super::shingle::Document;", &[]),
        ("config.rs", "/// [`Error`](crate::Error) // crate::detector\nuse crate::verify::Model;", &[]),
        ("lib.rs", "mod arabic;\npub use arabic::Stem;", &[]),
        ("main.rs", "mod cli;\nuse cli::Outcome;", &[]),
        // Against the order.
        (
            "minhash/mod.rs",
            "mod a;\nuse crate::{\n    error::Error,\n    index::{Pair as P, Cut},\n    shingle::mask,\n};",
            &["src/minhash/mod.rs:2: `crate::index::Pair`: index comes after minhash", ":2: `crate::index::Cut`"],
        ),
        ("arabic/mod.rs", "use crate::article::Article;", &[":1: `crate::article::Article`: arabic does not know"]),
        (
            "verify/fit.rs",
            "use crate::article::{Timestamp, read_one};",
            &[":1: `crate::article::read_one`: of article"],
        ),
        ("verify/fit.rs", "use crate::article::*;", &[":1: `crate::article::*`: of article verify knows only"]),
        (
            "group/mod.rs",
            "\nfn f(x: &super::detector::Detector) {}",
            &[":2: `super::detector::Detector`: detector comes"],
        ),
        ("group/a.rs", tests, &[]),
        ("group.rs", tests, &[":2: `super::super::groups::sample`: not a listed module"]),
        ("error.rs", "use crate::Config;", &[":1: `crate::Config`: not a listed module: name the module"]),
        ("error.rs", "use super::super::x;", &[":1: `super::super::x`: leads out of the crate"]),
        ("detector.rs", "use crate::cli::run;", &[":1: `crate::cli::run`: the library does not know the program"]),
        ("report/csv.rs", "use crate::cli::Sink;", &[":1: `crate::cli::Sink`: report does not know cli"]),
        ("cli/words.rs", "use crate::arabic::Stem;", &[":1: `crate::arabic::Stem`: the program sees the library"]),
        ("lib.rs", "mod arabic;\npub mod report;", &["src/lib.rs:2: `mod report` is no listed part of the library"]),
        ("main.rs", "mod arabic;", &["src/main.rs:1: `mod arabic` is no listed part of the program"]),
        ("shop/mod.rs", "", &["src/shop/mod.rs:1: the module `shop` has no place in the order yet"]),
    ] {
        let found = violations(file, text);
        assert_eq!(found.len(), expected.len(), "{file}: {text}\n{found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.contains(expected), "{file}: {text}\n{found}");
        }
    }
}
