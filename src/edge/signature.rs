//! Signatures under public keys, which the platform's WebCrypto checks.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Array, JSON, Promise, Uint8Array};

use super::task::{Interruption, Task, Timeout};
use crate::token::SignatureCheck;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], js_name = importKey, catch)]
    fn import_key(
        format: &str,
        key: &JsValue,
        algorithm: &JsValue,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(js_namespace = ["crypto", "subtle"], catch)]
    fn verify(
        algorithm: &JsValue,
        key: &JsValue,
        signature: &Uint8Array,
        signed: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// Returns whether a signature is right under any of the keys.
pub async fn check(
    task: &Task,
    check: &SignatureCheck,
    timeout: Timeout,
) -> Result<bool, Interruption> {
    let signature = Uint8Array::from(check.signature.as_slice());
    let signed = Uint8Array::from(check.signed.as_slice());
    let (mut is_checked, mut broken) = (false, None);
    for key in &check.keys {
        let algorithm = JSON::parse(key.algorithm.in_web_crypto()).map_err(Interruption::Broken)?;
        let jwk = JSON::parse(&key.jwk).map_err(Interruption::Broken)?;
        let usages = Array::of1(&"verify".into());
        let imported = import_key("jwk", &jwk, &algorithm, false, &usages);
        let imported = match task.settled(imported, timeout).await {
            Ok(imported) => imported,
            // A key that is none says nothing about the others.
            Err(Interruption::Broken(error)) => {
                broken = Some(error);
                continue;
            }
            Err(interruption) => return Err(interruption),
        };
        is_checked = true;
        let verified = verify(&algorithm, &imported, &signature, &signed);
        if task.settled(verified, timeout).await?.is_truthy() {
            return Ok(true);
        }
    }
    match broken {
        Some(error) if !is_checked => Err(Interruption::Broken(error)),
        _ => Ok(false),
    }
}
