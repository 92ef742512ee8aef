//! Tests of the source's structure: its parts, and the imports between them.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The imports of each module, by the module's path, such as `engine::turn`.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the library's modules with their code, without lib.rs and the program.
fn modules() -> BTreeMap<String, String> {
    let mut modules = BTreeMap::new();
    collect(&src(), "", &mut modules);
    for root in ["lib", "main", "args", "help"] {
        modules.remove(root).unwrap();
    }
    assert!(modules.len() > 25, "the source is there");
    modules
}

fn collect(folder: &Path, above: &str, modules: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{above}{}", path.file_stem().unwrap().to_str().unwrap());
        if path.is_dir() {
            collect(&path, &format!("{name}::"), modules);
        } else {
            modules.insert(name, code(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Returns a text without its comments.
fn code(text: &str) -> String {
    text.lines()
        .map(|line| line.split("//").next().unwrap())
        .collect::<Vec<_>>()
        .join("\n")
}

fn imports() -> Imports {
    let modules = modules();
    let known: BTreeSet<&str> = modules.keys().map(String::as_str).collect();
    modules
        .iter()
        .map(|(name, code)| (name.clone(), imports_of(name, code, &known)))
        .collect()
}

/// Returns the modules that a module names, in `use` lines and elsewhere.
fn imports_of(name: &str, code: &str, known: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut imports = BTreeSet::new();
    for (_, after) in code
        .match_indices("super::")
        .map(|(at, _)| code.split_at(at))
    {
        // A test may import everything from its own module.
        assert!(
            after.starts_with("super::*"),
            "{name}: write crate:: in full"
        );
    }
    for (_, after) in code
        .match_indices("crate::")
        .map(|(at, _)| code.split_at(at))
    {
        let path = after.strip_prefix("crate::").unwrap();
        let end = path.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
        let (path, _) = path.split_at(end.unwrap_or(path.len()));
        let module = known
            .iter()
            .find(|module| path == **module || path.starts_with(&format!("{module}::")))
            .unwrap_or_else(|| panic!("{name}: crate::{path} does not name one module"));
        imports.insert((*module).to_owned());
    }
    imports.remove(name);
    imports
}

/// Returns the modules that import each other in a circle. Empty if there are none.
fn circle(mut imports: Imports) -> BTreeSet<String> {
    loop {
        let names: BTreeSet<String> = imports.keys().cloned().collect();
        let imported: BTreeSet<String> = imports.values().flatten().cloned().collect();
        // Remove modules that import no remaining module or that no remaining module imports.
        imports.retain(|name, others| imported.contains(name) && !others.is_disjoint(&names));
        if imports.len() == names.len() {
            return names;
        }
    }
}

/// Returns the parts, in the order of lib.rs.
fn listed() -> Vec<String> {
    fs::read_to_string(src().join("lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("mod "))
        .map(|name| name.trim_end_matches([' ', '{', ';']).to_owned())
        .collect()
}

fn part(module: &str) -> &str {
    module.split("::").next().unwrap()
}

#[test]
fn there_are_five_parts_and_the_lock_that_they_share() {
    let parts = [
        "lock",
        "catalogue",
        "engine",
        "contract",
        "faults",
        "server",
    ];
    assert_eq!(listed(), parts);
    let found: BTreeSet<String> = modules().keys().map(|name| part(name).to_owned()).collect();
    assert_eq!(found, parts.map(str::to_owned).into());
}

#[test]
fn a_part_imports_only_from_those_above_it() {
    let listed = listed();
    let place = |module: &str| listed.iter().position(|other| other == part(module));
    let mut wrong = Vec::new();
    for (module, others) in imports() {
        for other in others {
            if place(&other) > place(&module) {
                wrong.push(format!("{module} imports {other}, which stands below it"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Returns the assistant whose folder of the contract a module stands in.
fn assistant(module: &str) -> Option<&str> {
    let (folder, _) = module.strip_prefix("contract::")?.split_once("::")?;
    Some(folder)
}

#[test]
fn an_assistant_imports_from_no_other_one() {
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    for (module, others) in imports() {
        let Some(own) = assistant(&module) else {
            continue;
        };
        found.insert(own.to_owned());
        for other in others {
            if assistant(&other).is_some_and(|other| other != own) {
                wrong.push(format!("{module} imports {other}"));
            }
        }
    }
    assert_eq!(found.len(), 5);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn modules_import_each_other_in_no_circle() {
    let found = circle(imports());
    assert!(found.is_empty(), "a circle among {found:?}");
}

#[test]
fn a_circle_is_found() {
    let known = BTreeSet::from(["a::x", "a::y", "b::z", "c", "lock"]);
    let of = |name: &str, code| (name.to_owned(), imports_of(name, code, &known));
    let open = Imports::from([
        of("a::x", "use crate::lock::lock;"),
        of("a::y", "use crate::a::x::{self, X};\nuse super::*;"),
        of("b::z", "fn z() { crate::a::y::f() }"),
        of("c", "use crate::b::z::Z;"),
        of("lock", ""),
    ]);
    assert_eq!(circle(open.clone()), BTreeSet::new());
    let mut closed = open;
    closed.extend([of("a::x", "use crate::b::z;")]);
    assert_eq!(
        circle(closed),
        BTreeSet::from(["a::x", "a::y", "b::z"].map(str::to_owned))
    );
}

#[test]
fn the_engine_knows_neither_http_nor_json() {
    for (name, code) in modules() {
        for library in ["hyper", "serde"] {
            let names_it = part(&name) == "engine" && code.contains(library);
            assert!(!names_it, "{name} names {library}");
        }
    }
}
