//! Resource addresses: `module.db["a"].google_sql_database.main[0]`.

use std::fmt;

/// The key of one instance: a `count` index or a `for_each` key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// An index made by `count`.
    Index(i64),
    /// A key made by `for_each`.
    Text(String),
}

/// One step of a module path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleStep {
    /// The name of the module call.
    pub name: String,
    /// The key of the module instance, if the call has `count` or `for_each`.
    pub key: Option<Key>,
}

/// The absolute address of one resource instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// The module instance it lies in; empty for the root module.
    pub modules: Vec<ModuleStep>,
    /// Whether it is a data source rather than a managed resource.
    pub data: bool,
    /// The resource type.
    pub rtype: String,
    /// The name of the block.
    pub name: String,
    /// The instance key, if the block has `count` or `for_each`.
    pub key: Option<Key>,
}

impl Address {
    /// A managed resource in the root module, without key.
    pub fn root(rtype: &str, name: &str) -> Self {
        Self {
            modules: Vec::new(),
            data: false,
            rtype: rtype.to_owned(),
            name: name.to_owned(),
            key: None,
        }
    }

    /// Reads an address as tofu prints it. Nothing when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut modules = Vec::new();
        while let Some(after) = rest.strip_prefix("module.") {
            let (name, key, tail) = part(after)?;
            modules.push(ModuleStep { name, key });
            rest = tail.strip_prefix('.')?;
        }
        let (data, rest) = rest
            .strip_prefix("data.")
            .map_or((false, rest), |tail| (true, tail));
        let (rtype, rest) = rest.split_once('.')?;
        let (name, key, tail) = part(rest)?;
        (tail.is_empty() && identifier(rtype)).then(|| Self {
            modules,
            data,
            rtype: rtype.to_owned(),
            name,
            key,
        })
    }

    /// Reads a module path, `module.a["k"].module.b`; the empty text is the root module.
    pub fn parse_modules(text: &str) -> Option<Vec<ModuleStep>> {
        if text.is_empty() {
            return Some(Vec::new());
        }
        Self::parse(&format!("{text}.t.n")).map(|address| address.modules)
    }

    /// The block it is an instance of: the address without any key.
    #[must_use]
    pub fn block(&self) -> Self {
        let mut block = Self {
            key: None,
            ..self.clone()
        };
        block.modules.iter_mut().for_each(|step| step.key = None);
        block
    }

    /// The module path as tofu prints it; empty for the root module.
    pub fn module(&self) -> String {
        let mut out = String::new();
        for step in &self.modules {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&format!(
                "module.{}{}",
                step.name,
                bracket(step.key.as_ref())
            ));
        }
        out
    }
}

/// A name with an optional `[key]` behind it, and the rest.
fn part(text: &str) -> Option<(String, Option<Key>, &str)> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    if !identifier(name) {
        return None;
    }
    let Some(inner) = rest.strip_prefix('[') else {
        return Some((name.to_owned(), None, rest));
    };
    if inner.starts_with('"') {
        let close = closing_quote(inner)?;
        let key: String =
            serde_json::from_str(&inner[..=close].replace("$${", "${").replace("%%{", "%{"))
                .ok()?;
        return Some((
            name.to_owned(),
            Some(Key::Text(key)),
            inner[close + 1..].strip_prefix(']')?,
        ));
    }
    let (digits, rest) = inner.split_once(']')?;
    Some((
        name.to_owned(),
        Some(Key::Index(digits.parse().ok()?)),
        rest,
    ))
}

/// The byte position of the quote that closes a text opening with one.
fn closing_quote(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at),
            _ => {}
        }
    }
    None
}

fn identifier(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

/// `["key"]`, `[0]` or nothing, with quoting as HCL wants it.
fn bracket(key: Option<&Key>) -> String {
    match key {
        None => String::new(),
        Some(Key::Index(index)) => format!("[{index}]"),
        Some(Key::Text(text)) => {
            let quoted = serde_json::Value::String(text.clone()).to_string();
            format!("[{}]", quoted.replace("${", "$${").replace("%{", "%%{"))
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.modules.is_empty() {
            write!(f, "{}.", self.module())?;
        }
        let data = if self.data { "data." } else { "" };
        write!(
            f,
            "{data}{}.{}{}",
            self.rtype,
            self.name,
            bracket(self.key.as_ref())
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_back_as_they_print() {
        for text in [
            "google_sql_database.main",
            "module.db[\"a\"].google_sql_database.main[0]",
            "module.a.module.b[2].data.google_project.p[\"x.y[\\\"z\\\"]\"]",
            "module.m[\"$${x}\"].google_redis_instance.cache",
        ] {
            assert_eq!(
                Address::parse(text).map(|a| a.to_string()).as_deref(),
                Some(text)
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "x", "module.a", "a.b.c", "a.b[", "a.b[\"x]", "a b.c"] {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }
}
