//! `bindgen <compiled.wasm> <folder>` turns the compiled worker into a module for workerd.
//!
//! It writes `index.js` and `index_bg.wasm` into the folder. It uses the library behind the
//! wasm-bindgen command line. Cargo.lock pins that library, so a fresh machine installs nothing and
//! the versions always match.

mod exports;

use std::collections::HashSet;
use std::path::PathBuf;
use std::{env, fs};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(wasm), Some(folder)) = (arguments.next(), arguments.next()) else {
        anyhow::bail!("usage: bindgen <compiled.wasm> <folder>");
    };
    let compiled = fs::read(&wasm).with_context(|| format!("{} is missing", wasm.display()))?;
    Bindgen::new()
        .input_bytes("index", exports::keep_only("concierge-proxy", &compiled)?)
        .out_name("index")
        .module(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The shim starts a fresh instance after a panic.
        .reset_state_function(true)
        .generate(&folder)
        .with_context(|| format!("{} could not be bound", wasm.display()))?;
    let module = folder.join("index.js");
    // Bundlers support a plain import of a wasm file, but not yet a source phase import.
    let code = fs::read_to_string(&module)?.replace("import source ", "import ");
    fs::write(&module, without_repeated_imports(&code))?;
    Ok(())
}

/// Drops what gives the wasm the same module a second time. It stands there once for each function
/// of the module, and a bundler warns of the repeated key.
fn without_repeated_imports(code: &str) -> String {
    let mut given = HashSet::new();
    code.split_inclusive('\n')
        .filter(|line| match line.trim().split_once(": import") {
            Some((module, _)) if module.starts_with('"') => given.insert(module.to_owned()),
            _ => true,
        })
        .collect()
}
