//! What a text of the inventory means without running Jinja: itself, a plain look-up in the environment, or nothing
//! that can be known here.

use std::sync::LazyLock;

use regex::Regex;

use super::super::values::Values;

/// How a sealed value begins, in a file as after `!vault`.
pub const VAULT: &str = "$ANSIBLE_VAULT;";

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Meaning {
    /// What it says.
    Plain(String),
    /// The value of a variable of the environment, with its default put in.
    Environment {
        /// The variable.
        name: String,
        /// Its value now.
        value: String,
    },
    /// A template that only Ansible resolves.
    Opaque,
    /// Sealed by ansible-vault.
    Sealed,
}

impl Meaning {
    /// What a text means.
    #[must_use]
    pub fn of(text: &str, values: &Values) -> Self {
        if text.trim_start().starts_with(VAULT) {
            return Meaning::Sealed;
        }
        if !["{{", "{%", "{#"].iter().any(|open| text.contains(open)) {
            return Meaning::Plain(text.to_owned());
        }
        LookUp::of(text).map_or(Meaning::Opaque, |look_up| {
            let set = values.get(&look_up.name).map(|(value, _)| value.to_owned());
            let value = match (set, look_up.unset, look_up.empty) {
                (None, Some(unset), _) if !unset.is_empty() => unset,
                (None, _, empty) => empty.unwrap_or_default(),
                (Some(value), _, Some(empty)) if value.is_empty() => empty,
                (Some(value), ..) => value,
            };
            Meaning::Environment { name: look_up.name, value }
        })
    }

    /// The value, if it is known.
    #[must_use]
    pub fn known(&self) -> Option<&str> {
        match self {
            Meaning::Plain(value) | Meaning::Environment { value, .. } => Some(value),
            Meaning::Opaque | Meaning::Sealed => None,
        }
    }
}

/// `lookup('env', 'NAME')` with its defaults.
#[derive(Debug, PartialEq, Eq)]
struct LookUp {
    name: String,
    /// `default=` of the look-up: counts if the variable is not set.
    unset: Option<String>,
    /// `default(…, true)` behind it: counts if the value is empty. Without `true` it never counts, since a look-up
    /// of what is not set gives an empty text.
    empty: Option<String>,
}

static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let literal = r#"(?:'([^']*)'|"([^"]*)"|(-?[0-9.]+|true|false|True|False))"#;
    let look_up = r#"lookup\(\s*['"](?:ansible\.builtin\.)?env['"]\s*,\s*['"]([A-Za-z_][A-Za-z0-9_]*)['"]"#;
    let inside = format!(r"\s*(?:,\s*default\s*=\s*{literal}\s*)?\)");
    let behind = format!(r"(?:\s*\|\s*(?:default|d)\(\s*{literal}\s*(,\s*(?:boolean\s*=\s*)?(?:true|True)\s*)?\))?");
    let filters = r"(?:\s*\|\s*(?:int|bool|string|trim|lower|upper))*";
    Regex::new(&format!(r"^\s*\{{\{{-?\s*{look_up}{inside}{behind}{filters}\s*-?\}}\}}\s*$")).ok()
});

impl LookUp {
    fn of(text: &str) -> Option<Self> {
        let found = PATTERN.as_ref()?.captures(text)?;
        let part = |at: usize| found.get(at).map(|part| part.as_str().to_owned());
        let unset = part(2).or_else(|| part(3)).or_else(|| part(4));
        let empty = part(5).or_else(|| part(6)).or_else(|| part(7)).filter(|_| found.get(8).is_some());
        Some(Self { name: part(1)?, unset, empty })
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::files::Files;
    use super::*;

    #[test]
    fn a_look_up_with_a_default_is_resolved_and_any_other_template_is_left_alone() {
        let files = Files::of(&[], &[(".env", "SET=here\nEMPTY=\n")]);
        let values = Values::read(&files, [("OUTER".to_owned(), "env".to_owned())].into(), &mut Vec::new());
        for (text, value) in [
            ("plain", Some("plain")),
            ("{{ lookup('env', 'SET') }}", Some("here")),
            ("{{ lookup('ansible.builtin.env', \"OUTER\") }}", Some("env")),
            ("{{ lookup('env','NO') | default('x', true) }}", Some("x")),
            ("{{ lookup('env', 'EMPTY') | default('x', boolean=true) }}", Some("x")),
            ("{{ lookup('env', 'EMPTY') | default('x') }}", Some("")),
            ("{{ lookup('env', 'NO', default='y') }}", Some("y")),
            ("{{ lookup('env', 'NO') | default(3260, true) | int }}", Some("3260")),
            ("{{ lookup('env', 'SET') | default('no', true) | bool }}", Some("here")),
            ("{{ lookup('env', 'SET') }}/x", None),
            ("{{ groups['managers'][0] }}", None),
            ("{% if x %}y{% endif %}", None),
            ("$ANSIBLE_VAULT;1.1;AES256\n6162", None),
        ] {
            assert_eq!(Meaning::of(text, &values).known(), value, "{text}");
        }
        assert_eq!(Meaning::of("$ANSIBLE_VAULT;1.1", &values), Meaning::Sealed);
    }
}
