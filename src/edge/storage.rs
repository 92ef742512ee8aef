//! The storage of an object: what it reads when it wakes, and what each of its calls has to do there.

use wasm_bindgen::prelude::*;
use worker::js_sys::{Function, JSON, Promise, Uint8Array};
use worker::worker_sys::DurableObjectStorage;

use super::response;
use crate::log;
use crate::storage::StorageOps;

#[wasm_bindgen]
extern "C" {
    /// An object's storage, with what `worker_sys` lacks.
    ///
    /// That is synchronous reads, and the options of a write. They let an answer leave before the
    /// write is confirmed.
    #[wasm_bindgen(extends = DurableObjectStorage)]
    pub type Storage;
    #[wasm_bindgen(method, getter)]
    fn kv(this: &Storage) -> SyncKv;
    #[wasm_bindgen(method, catch)]
    fn put(
        this: &Storage,
        key: &str,
        value: &Uint8Array,
        options: &JsValue,
    ) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch, js_name = setAlarm)]
    fn set_alarm(this: &Storage, time: f64, options: &JsValue) -> Result<Promise, JsValue>;

    type SyncKv;
    #[wasm_bindgen(method, catch)]
    fn get(this: &SyncKv, key: &str) -> Result<Option<Uint8Array>, JsValue>;

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(callback: &Function, ms: f64) -> f64;
}

impl Storage {
    /// Returns what is stored under this key.
    pub fn stored(&self, key: &str) -> Result<Option<Vec<u8>>, JsValue> {
        let bytes = self.kv().get(key)?;
        Ok(bytes.map(|bytes| bytes.to_vec()))
    }

    /// Carries out the storage operations of a call. What is written is written under this key.
    ///
    /// No answer waits for a write.
    pub fn carry_out(&self, ops: StorageOps, key: &str, flush: &Function) -> Result<(), JsValue> {
        // A call that writes nothing makes no options.
        let options = || JSON::parse(r#"{"allowUnconfirmed":true}"#);
        self.perform(ops, key, flush, &options)
    }

    /// Does the same, but the answer waits until what is written is safe.
    pub fn carry_out_confirmed(
        &self,
        ops: StorageOps,
        key: &str,
        flush: &Function,
    ) -> Result<(), JsValue> {
        self.perform(ops, key, flush, &|| Ok(JsValue::UNDEFINED))
    }

    fn perform(
        &self,
        ops: StorageOps,
        key: &str,
        flush: &Function,
        options: &dyn Fn() -> Result<JsValue, JsValue>,
    ) -> Result<(), JsValue> {
        if let Some(snapshot) = ops.write {
            let snapshot = Uint8Array::from(snapshot.as_slice());
            log_failure(&self.put(key, &snapshot, &options()?)?);
        }
        if let Some(time) = ops.wake_at {
            log_failure(&self.set_alarm(time as f64, &options()?)?);
        }
        if let Some(ms) = ops.flush_in {
            set_timeout(flush, ms as f64);
        }
        if ops.clear {
            log_failure(&self.delete_all()?);
        }
        Ok(())
    }
}

/// Logs a write that fails.
///
/// The runtime ends an object whose storage fails, and the next one starts from what is stored.
fn log_failure(write: &Promise) {
    thread_local! {
        static FAILED: Closure<dyn FnMut(JsValue)> = Closure::new(|error: JsValue| {
            let _ = response::write(&log::storage_failed());
            let _ = response::error_of("an object could not write", &error);
        });
    }
    let _ = FAILED.with(|failed| write.catch(failed));
}
