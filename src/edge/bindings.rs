//! What the platform binds to the worker: the limiters, and a dataset.

use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, Promise};
use worker::worker_sys::DurableObjectNamespace;

use crate::placement::Placement;

#[wasm_bindgen]
extern "C" {
    /// The bindings. `worker::Env` compares a string with the name of each binding's constructor.
    pub type Bindings;
    #[wasm_bindgen(method, getter = LIMITER)]
    fn limiter(this: &Bindings) -> DurableObjectNamespace;
    #[wasm_bindgen(method, getter = ANALYTICS)]
    pub fn analytics(this: &Bindings) -> Dataset;

    /// A dataset of the Analytics Engine.
    pub type Dataset;
    #[wasm_bindgen(method, catch, js_name = writeDataPoint)]
    pub fn write_data_point(this: &Dataset, point: &JsValue) -> Result<(), JsValue>;

    /// The limiters, with what `worker_sys` lacks.
    type Namespace;
    #[wasm_bindgen(method, catch, js_name = jurisdiction)]
    fn within(this: &Namespace, jurisdiction: &str) -> Result<DurableObjectNamespace, JsValue>;

    /// A limiter, called as a method (RPC). `worker` can only send requests to objects.
    pub type Limiter;
    #[wasm_bindgen(method, catch, variadic)]
    pub fn ask(this: &Limiter, words: &[u32]) -> Result<Promise, JsValue>;
}

impl Bindings {
    /// Returns what the limiter of this name is called by.
    pub fn limiter_named(&self, name: &str, placement: Placement) -> Result<Limiter, JsValue> {
        let mut namespace = self.limiter();
        if let Some(jurisdiction) = placement.jurisdiction {
            namespace = namespace
                .unchecked_ref::<Namespace>()
                .within(jurisdiction)?;
        }
        let stub = match placement.hint {
            Some(hint) => {
                let options = JSON::parse(&format!(r#"{{"locationHint":"{hint}"}}"#))?;
                namespace.get_by_name_with_options(name, &options)
            }
            None => namespace.get_by_name(name),
        };
        Ok(stub?.unchecked_into())
    }
}
