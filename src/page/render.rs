//! The page's text: the frame, with the style, the script and the data put in.

use std::sync::LazyLock;

use base64::{Engine, engine::general_purpose::STANDARD};
use indexmap::IndexSet;
use minijinja::{AutoEscape, Environment, Error, UndefinedBehavior, context};
use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::room::Room;
use super::workflow::Shown;
use super::{Finding, Origin, Page};
use crate::delta::grouped;

/// Templates, one behind the other.
macro_rules! template {
    ($($name:literal)*) => {
        concat!($(include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/templates/page/", $name))),*)
    };
}

static STYLE: LazyLock<String> = LazyLock::new(|| as_browsers_read(template!("page.css")));
static SCRIPT: LazyLock<String> = LazyLock::new(|| as_browsers_read(template!("base.js" "graph.js" "task.js" "views.js")));

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("page", template!("page.html")).expect("our own template");
    environment
});

/// A browser takes a hash of the text with plain line ends, whatever a clone of the repository made of them.
fn as_browsers_read(text: &str) -> String {
    text.replace("\r\n", "\n")
}

/// Nothing may be loaded, and nothing may run but what has these hashes: <https://www.w3.org/TR/CSP3/>. The script makes no markup of texts.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'",
        hash(&SCRIPT),
        hash(&STYLE)
    )
});

/// What the script reads.
#[derive(Debug, Serialize)]
struct Data {
    workflows: Vec<Shown>,
    /// Who wrote values: the value, the layer and the place.
    origins: Vec<(String, &'static str, String)>,
    findings: Vec<Finding>,
}

/// Writes a page.
///
/// # Errors
/// Never for what a user wrote; only when our own template is at fault.
pub fn render(page: Page<'_>) -> Result<String, Error> {
    let Page { title, environment, from, subjects, left_out, findings } = page;
    let (mut origins, mut room) = (IndexSet::new(), Room::new());
    let workflows: Vec<Shown> = subjects.into_iter().map(|subject| Shown::of(subject, from, &mut origins, &mut room)).collect();
    let origins = origins.into_iter().map(|Origin { value, layer, place }| (value, layer, place)).collect();
    let names: Vec<String> = workflows.iter().map(|workflow| workflow.name.clone()).collect();
    let missing = (left_out > 0).then(|| format!("Workflows that are left out: {}. Ask for one by its name.", grouped(left_out as u64)));
    let data = embedded(&Data { workflows, origins, findings });
    ENVIRONMENT.get_template("page")?.render(context! {
        policy => POLICY.as_str(), style => STYLE.as_str(), script => SCRIPT.as_str(),
        title, environment, names, missing, data,
        from => from.strftime("%Y-%m-%d %H:%M UTC").to_string(),
    })
}

/// JSON inside an element of HTML. Outside of its texts JSON has none of these characters, so that each stands for itself in a text.
fn embedded(data: &impl Serialize) -> String {
    let json = serde_json::to_string(data).unwrap_or_else(|_| Json::Null.to_string());
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => out.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => out.push(character),
        }
    }
    out
}
