//! Drops the exports of the dependencies.
//!
//! `worker` and `wasm-streams` export classes whether they are used or not. They would add 15 KB to
//! the gzipped upload, and a panic hook beside the worker's own.
//!
//! Each export has a program in a custom section of the wasm. A program is two blobs: the schema,
//! and then the declaration, which ends with the name of its crate. This is the format of
//! wasm-bindgen 0.2.129.

use anyhow::{Context, Result};
use walrus::{Module, RawCustomSection};

const SECTION: &str = "__wasm_bindgen_unstable";
/// The prefix of the functions that describe types to wasm-bindgen, which removes them.
///
/// Imports have such functions, too.
const DESCRIPTOR: &str = "__wbindgen_describe_";

/// Returns the module without the exports of any crate but this one.
pub fn keep_only(crate_name: &str, wasm: &[u8]) -> Result<Vec<u8>> {
    let mut module = Module::from_buffer(wasm)?;
    let own = format!("{crate_name}-");
    let mut dropped = Vec::new();
    let mut kept = Vec::new();
    while let Some(section) = module.customs.remove_raw(SECTION) {
        let mut rest = section.data.as_slice();
        while !rest.is_empty() {
            let start = rest;
            blob(&mut rest)?;
            let program = blob(&mut rest)?;
            if is_export(program) && !contains(program, own.as_bytes()) {
                dropped.push(program.to_vec());
            } else {
                let length = start.len() - rest.len();
                kept.extend_from_slice(start.get(..length).context("a blob of the section")?);
            }
        }
    }
    module.customs.add(RawCustomSection {
        name: SECTION.to_owned(),
        data: kept,
    });
    let exports: Vec<_> = module
        .exports
        .iter()
        .filter(|export| !export.name.starts_with(DESCRIPTOR))
        .filter(|export| {
            // A crate's exports end with the same hash as its name in the programs.
            let hash = export
                .name
                .rsplit_once('_')
                .map(|(_, hash)| format!("-{hash}"));
            hash.is_some_and(|hash| {
                dropped
                    .iter()
                    .any(|program| contains(program, hash.as_bytes()))
            })
        })
        .map(walrus::Export::id)
        .collect();
    for id in exports {
        module.exports.delete(id);
    }
    Ok(module.emit_wasm())
}

/// Takes a blob: its length in four bytes (little-endian), then that many bytes.
fn blob<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8]> {
    let (length, after) = rest.split_first_chunk().context("the length of a blob")?;
    let length = u32::from_le_bytes(*length) as usize;
    let (blob, after) = after.split_at_checked(length).context("a whole blob")?;
    *rest = after;
    Ok(blob)
}

/// Returns whether a program declares a function or a class.
///
/// A program's lists of exports, enums, imports and structs begin with their lengths.
fn is_export(program: &[u8]) -> bool {
    !matches!(program, [0, _, 1..=u8::MAX, ..] | [0, 0, 0, 0, ..])
}

fn contains(program: &[u8], name: &[u8]) -> bool {
    program.windows(name.len()).any(|window| window == name)
}
