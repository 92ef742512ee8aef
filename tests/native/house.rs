//! The rules of the house, read off the source.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

struct Source {
    /// From `src` on, such as `limits/ledger.rs`.
    name: String,
    text: String,
}

impl Source {
    fn is_edge(&self) -> bool {
        self.name == "edge.rs" || self.name.starts_with("edge/")
    }

    /// The module of the list in lib.rs that the file belongs to: children count as their parent.
    fn module(&self) -> &str {
        self.name.trim_end_matches(".rs").split('/').next().unwrap()
    }

    /// The words of the code: no comments, no texts.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        for line in self.text.lines() {
            let code = line.split("//").next().unwrap();
            // Texts stand between quotes; a text of several lines is no code on any of them.
            let code: String = code.split('"').step_by(2).collect::<Vec<_>>().join(" ");
            words.extend(
                code.split(|char: char| !(char.is_alphanumeric() || char == '_'))
                    .filter(|word| !word.is_empty())
                    .map(str::to_owned),
            );
        }
        words
    }

    /// The modules of the crate that the file names, in `use` lines and elsewhere.
    fn imports(&self) -> BTreeSet<String> {
        let mut imports = BTreeSet::new();
        for line in self.text.lines() {
            let code = line.split("//").next().unwrap();
            for (place, _) in code.match_indices("crate::") {
                let rest = &code[place + "crate::".len()..];
                assert!(!rest.starts_with('{'), "{}: one import a line", self.name);
                let end = rest
                    .find(|char: char| !(char.is_alphanumeric() || char == '_'))
                    .unwrap_or(rest.len());
                imports.insert(rest[..end].to_owned());
            }
        }
        imports
    }
}

fn sources() -> Vec<Source> {
    let src = root().join("src");
    let mut sources = Vec::new();
    collect(&src, &src, &mut sources);
    assert!(sources.len() > 15, "the source is there");
    sources
}

fn collect(src: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(src, &path, sources);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let name = path.strip_prefix(src).unwrap();
            sources.push(Source {
                name: name.to_string_lossy().replace('\\', "/"),
                text: fs::read_to_string(&path).unwrap(),
            });
        }
    }
}

/// The modules in the order in which lib.rs lists them.
fn listed() -> Vec<String> {
    fs::read_to_string(root().join("src/lib.rs"))
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "))
        .map(|name| name.trim_end_matches(';').to_owned())
        .collect()
}

#[test]
fn only_the_edge_names_the_platform() {
    for source in sources().iter().filter(|source| !source.is_edge()) {
        for word in source.words() {
            let platform = ["worker", "web_sys", "js_sys", "wasm_bindgen", "getrandom"];
            assert!(!platform.contains(&&*word), "{} names {word}", source.name);
        }
    }
    // The search finds it where it is.
    assert!(
        sources()
            .iter()
            .any(|source| source.is_edge() && source.words().contains(&"wasm_bindgen".to_owned()))
    );
}

#[test]
fn nothing_imports_the_edge() {
    for source in sources().iter().filter(|source| !source.is_edge()) {
        assert!(
            !source.imports().contains("edge"),
            "{} imports the edge",
            source.name
        );
        assert!(
            !source.text.contains("super::edge"),
            "{} imports the edge",
            source.name
        );
    }
}

/// The JavaScript of the edge, by its file name.
fn scripts() -> Vec<(String, String)> {
    fs::read_dir(root().join("src/edge"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "js"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect()
}

#[test]
fn no_file_of_the_edge_decides() {
    let code = sources().into_iter().filter(Source::is_edge);
    let rust = code.map(|source| (source.name.clone(), source.words()));
    let javascript = scripts().into_iter().map(|(name, text)| {
        let source = Source { name, text };
        (source.name.clone(), source.words())
    });
    for (name, words) in rust.chain(javascript) {
        for word in &words {
            let is_a_decision = [
                "Refusal",
                "refusal",
                "Rejection",
                "Limits",
                "Window",
                "Tier",
            ]
            .contains(&word.as_str());
            let is_a_status = word
                .parse()
                .is_ok_and(|number: u16| (100..600).contains(&number));
            assert!(!is_a_decision && !is_a_status, "{name} names {word}");
        }
    }
}

#[test]
fn the_javascript_of_the_edge_is_thin() {
    let lines = |names: &[&str]| -> usize {
        let scripts = scripts().into_iter();
        let named = scripts.filter(|(name, _)| names.contains(&name.as_str()));
        named.map(|(_, text)| text.lines().count()).sum()
    };
    let all = [
        (&["shim.js", "instance.js", "half.js"][..], 180),
        (&["streams.js"], 100),
        (&["objects.js"], 50),
    ];
    for (names, most) in all {
        assert!(lines(names) <= most, "{names:?}: {} lines", lines(names));
    }
    let named: usize = all.iter().map(|(names, _)| names.len()).sum();
    assert_eq!(scripts().len(), named);
}

#[test]
fn only_the_edge_has_a_clock() {
    for source in sources().iter().filter(|source| !source.is_edge()) {
        for word in source.words() {
            let clock = ["Instant", "SystemTime", "Date", "set_timeout"];
            assert!(!clock.contains(&&*word), "{} names {word}", source.name);
        }
    }
}

#[test]
fn imports_run_one_way_up_the_list_of_modules() {
    let listed = listed();
    let place = |module: &str| {
        let place = listed.iter().position(|other| other == module);
        place.unwrap_or_else(|| panic!("{module} is not in the list of lib.rs"))
    };
    let mut wrong = Vec::new();
    for source in sources() {
        if source.is_edge() || source.name == "lib.rs" {
            continue;
        }
        let own = source.module();
        for import in source.imports() {
            if import != own && place(&import) > place(own) {
                wrong.push(format!(
                    "{} imports {import}, which stands below it",
                    source.name
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn modules_import_each_other_in_no_circle() {
    let mut left: Vec<(String, BTreeSet<String>)> = Vec::new();
    for source in sources().iter().filter(|source| !source.is_edge()) {
        let mut imports = source.imports();
        imports.remove(source.module());
        match left
            .iter_mut()
            .find(|(module, _)| module == source.module())
        {
            Some((_, all)) => all.extend(imports),
            None => left.push((source.module().to_owned(), imports)),
        }
    }
    // Take away whoever imports nothing that is left, until nobody is.
    while !left.is_empty() {
        let names: BTreeSet<String> = left.iter().map(|(module, _)| module.clone()).collect();
        let before = left.len();
        left.retain(|(_, imports)| !imports.is_disjoint(&names));
        assert!(left.len() < before, "a circle among {names:?}");
    }
}

#[test]
fn the_proxy_and_the_simulator_share_no_code() {
    let own = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let dependencies = own
        .split("\n[")
        .filter(|table| table.contains("dependencies"))
        .flat_map(str::lines);
    for line in dependencies {
        assert!(!line.starts_with("simulator"), "{line}");
        assert!(!line.contains("path ="), "{line}");
    }
    let simulator = fs::read_to_string(root().join("simulator/Cargo.toml")).unwrap();
    assert!(!simulator.contains("concierge-proxy"));
    assert!(!simulator.contains("path = \"..\""));
}

#[test]
fn no_file_is_longer_than_350_lines() {
    for source in sources() {
        let lines = source.text.lines().count();
        assert!(lines <= 350, "{} has {lines} lines", source.name);
    }
}

#[test]
fn nothing_panics_on_purpose() {
    for source in sources() {
        for (number, line) in source.text.lines().enumerate() {
            for call in [
                ".unwrap()",
                ".expect(",
                "panic!",
                "unreachable!",
                "todo!",
                "unimplemented!",
            ] {
                let code = line.split("//").next().unwrap();
                assert!(
                    !code.contains(call),
                    "{}:{} {call}",
                    source.name,
                    number + 1
                );
            }
        }
    }
}

/// The documents of the project, by their path from its root.
fn documents() -> Vec<(PathBuf, String)> {
    let mut documents = Vec::new();
    for folder in ["", "client", "docs", "docs/assistants", "docs/storefronts"] {
        for entry in fs::read_dir(root().join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "md") {
                let text = fs::read_to_string(&path).unwrap();
                documents.push((path, text));
            }
        }
    }
    assert!(documents.len() > 8, "the documents are there");
    documents
}

/// A heading as links name it.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'))
        .map(|char| if char == ' ' { '-' } else { char })
        .collect()
}

#[test]
fn every_link_of_the_documents_leads_somewhere() {
    for (path, text) in documents() {
        for link in text.split("](").skip(1) {
            let link = link.split(')').next().unwrap();
            if link.starts_with("http") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().unwrap().join(file)
            };
            assert!(target.exists(), "{}: {link}", path.display());
            if !heading.is_empty() {
                let text = fs::read_to_string(&target).unwrap();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line) == heading);
                assert!(found, "{}: {link}", path.display());
            }
        }
    }
}

#[test]
fn the_readme_takes_five_minutes() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let lines = readme.lines().count();
    assert!(lines <= 130, "README.md has {lines} lines");
}
