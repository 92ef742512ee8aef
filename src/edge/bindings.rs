//! What the platform binds to the worker: the objects, and a dataset.

use wasm_bindgen::prelude::*;
use worker::js_sys::{JSON, Promise, Uint8Array};
use worker::worker_sys::DurableObjectNamespace;

use crate::placement::Placement;

#[wasm_bindgen]
extern "C" {
    /// The bindings. `worker::Env` compares a string with the name of each binding's constructor.
    #[derive(Clone)]
    pub type Bindings;
    #[wasm_bindgen(method, getter = LIMITER)]
    fn limiter(this: &Bindings) -> DurableObjectNamespace;
    #[wasm_bindgen(method, getter = USAGE)]
    fn usage(this: &Bindings) -> DurableObjectNamespace;
    #[wasm_bindgen(method, getter = ANALYTICS)]
    pub fn analytics(this: &Bindings) -> Dataset;

    /// A dataset of the Analytics Engine.
    pub type Dataset;
    #[wasm_bindgen(method, catch, js_name = writeDataPoint)]
    pub fn write_data_point(this: &Dataset, point: &JsValue) -> Result<(), JsValue>;

    /// A kind of objects, with what `worker_sys` lacks.
    type Namespace;
    #[wasm_bindgen(method, catch, js_name = jurisdiction)]
    fn within(this: &Namespace, jurisdiction: &str) -> Result<DurableObjectNamespace, JsValue>;

    /// A limiter, called as a method (RPC). `worker` can only send requests to objects.
    pub type Limiter;
    #[wasm_bindgen(method, catch, variadic)]
    pub fn ask(this: &Limiter, words: &[u32]) -> Result<Promise, JsValue>;

    /// An object that counts one day.
    pub type Usage;
    #[wasm_bindgen(method, catch)]
    pub fn report(this: &Usage, bytes: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(method, catch)]
    pub fn read(this: &Usage) -> Result<Promise, JsValue>;
}

impl Bindings {
    /// Returns what the limiter of this name is called by.
    pub fn limiter_named(&self, name: &str, placement: Placement) -> Result<Limiter, JsValue> {
        named(self.limiter(), name, placement).map(JsCast::unchecked_into)
    }

    /// Returns what the object of a day is called by.
    pub fn usage_named(&self, name: &str, placement: Placement) -> Result<Usage, JsValue> {
        named(self.usage(), name, placement).map(JsCast::unchecked_into)
    }
}

fn named(
    mut namespace: DurableObjectNamespace,
    name: &str,
    placement: Placement,
) -> Result<JsValue, JsValue> {
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
    stub.map(Into::into)
}
