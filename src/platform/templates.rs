//! Templates with `op://` references: what `op inject` fills in. A template holds references and constants, and never a
//! secret itself.

use std::path::Path;
use std::sync::LazyLock;

use regex::Regex;

use super::files::Files;
use super::{page, rules, secrecy};
use crate::diag::{Finding, Spot};
use crate::model::secret::is_secret;

/// How a reference begins.
const SCHEME: &str = "op://";
/// Files that `op inject` fills in end so, or hold a reference.
const SUFFIX: &str = "template";

/// A template of the folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    /// The file.
    pub spot: Spot,
    /// Its references.
    pub references: Vec<Reference>,
}

/// A reference to a field of a vault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// The vault.
    pub vault: String,
    /// The item.
    pub item: String,
    /// The section, if one is named.
    pub section: Option<String>,
    /// The field.
    pub field: String,
    /// Where it stands.
    pub spot: Spot,
}

/// All templates below `stacks/`.
pub fn read(files: &Files, findings: &mut Vec<Finding>) -> Vec<Template> {
    files
        .paths()
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == SUFFIX))
        .filter_map(|path| {
            let (spot, text) = page::open(files, path, findings)?;
            let references = references(&spot, &text, findings);
            // A file of another kind of template, such as a boot group, knows no references.
            plain_secrets(path, &spot, &text, !references.is_empty(), findings);
            Some(Template { spot, references })
        })
        .collect()
}

fn references(spot: &Spot, text: &str, findings: &mut Vec<Finding>) -> Vec<Reference> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let mut from = 0;
        while let Some(start) = line.get(from..).and_then(|rest| rest.find(SCHEME)).map(|start| start + from) {
            let (before, after) =
                (line.get(..start).unwrap_or_default(), line.get(start + SCHEME.len()..).unwrap_or_default());
            let body = body(before, after);
            from = start + SCHEME.len() + body.len();
            let column = u32::try_from(before.chars().count() + 1).unwrap_or(1);
            let spot = spot.line(u32::try_from(at + 1).unwrap_or_default(), column);
            match Reference::of(body.trim(), &spot) {
                Some(reference) => found.push(reference),
                None => {
                    let what = format!("op://{} is no reference to a field", body.trim());
                    findings.push(rules::TEMPLATE_REFERENCE.broken(spot, what, "write op://vault/item/field"));
                }
            }
        }
    }
    found
}

/// A reference in braces ends with them, one in quotes with these, a bare one with the first space.
fn body<'a>(before: &str, after: &'a str) -> &'a str {
    let before = before.trim_end();
    let end = if before.ends_with("{{") {
        after.find("}}")
    } else if let Some(quote) = before.chars().next_back().filter(|c| matches!(c, '"' | '\'')) {
        after.find(quote)
    } else {
        after.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '<' | '>'))
    };
    after.get(..end.unwrap_or(after.len())).unwrap_or(after)
}

impl Reference {
    fn of(body: &str, spot: &Spot) -> Option<Self> {
        let (path, _) = body.split_once('?').unwrap_or((body, ""));
        let parts: Vec<&str> = path.split('/').collect();
        let good = |part: &&str| {
            !part.trim().is_empty()
                && part
                    .chars()
                    .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.' | '@' | '$' | '{' | '}'))
        };
        if !parts.iter().all(good) {
            return None;
        }
        let (vault, item, section, field) = match parts.as_slice() {
            [vault, item, field] => (vault, item, None, field),
            [vault, item, section, field] => (vault, item, Some((*section).to_owned()), field),
            _ => return None,
        };
        let own = |part: &&str| (*part).to_owned();
        Some(Self { vault: own(vault), item: own(item), section, field: own(field), spot: spot.clone() })
    }
}

static ASSIGNMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"^\s*(?:-\s+)?(?:export\s+)?["']?([A-Za-z_][A-Za-z0-9_.-]*)["']?\s*[=:]\s*(.+?)\s*,?\s*$"#).ok()
});

/// Values of secret names that are neither references nor constants.
fn plain_secrets(path: &Path, spot: &Spot, text: &str, refers: bool, findings: &mut Vec<Finding>) {
    let mut tell = |line: usize, column: usize, name: &str| {
        let spot = spot.line(u32::try_from(line).unwrap_or_default(), u32::try_from(column).unwrap_or(1));
        let mend = "put the secret into the vault, write op://vault/item/field in its place, and change the secret";
        findings.push(rules::TEMPLATE_SECRET.broken(
            spot,
            format!("the value of {name} is written in plain text"),
            mend,
        ));
    };
    // A template that is one secret, as its name says.
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let mut written =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'));
    if let (Some((at, only)), None, false) = (written.next(), written.next(), refers)
        && is_secret(name)
        && !only.contains(['=', ':'])
        && secrecy::is_plain(only.trim())
    {
        tell(at + 1, 1, name);
        return;
    }
    let Some(pattern) = ASSIGNMENT.as_ref() else { return };
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#')) {
        let Some(found) = pattern.captures(line) else { continue };
        let (Some(name), Some(value)) = (found.get(1), found.get(2)) else { continue };
        let bare = value.as_str().trim_matches(['"', '\'']);
        if secrecy::is_one(name.as_str()) && secrecy::is_plain(bare) {
            tell(at + 1, line.get(..value.start()).map_or(1, |before| before.chars().count() + 1), name.as_str());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(name: &str, text: &str) -> (Vec<Template>, Vec<Finding>) {
        let mut findings = Vec::new();
        let files = Files::of(&[], &[(&format!("stacks/a/{name}"), text)]);
        (read(&files, &mut findings), findings)
    }

    #[test]
    fn both_forms_of_a_reference_are_read() {
        let text = "# a comment with op://nothing\nDB=op://homelab/postgres/db-password\nURL=postgres://x:{{ op://homelab/Komodo - Barbary/credential }}@db/{{op://homelab/a_b/s/f}}\n\"k\": \"op://homelab/Two Words/field\"\nTZ=Etc/UTC\n";
        let (templates, findings) = read_text("env.template", text);
        assert_eq!(findings, []);
        let found: Vec<(&str, &str, u32, u32)> = templates[0]
            .references
            .iter()
            .map(|one| (one.item.as_str(), one.field.as_str(), one.spot.line, one.spot.column))
            .collect();
        assert_eq!(
            found,
            [
                ("postgres", "db-password", 2, 4),
                ("Komodo - Barbary", "credential", 3, 21),
                ("a_b", "f", 3, 70),
                ("Two Words", "field", 4, 7)
            ]
        );
        assert_eq!(templates[0].references[2].section.as_deref(), Some("s"));
    }

    #[test]
    fn a_reference_that_leads_to_no_field_is_told() {
        for text in
            ["A=op://homelab/item", "A={{ op://homelab//field }}", "A=op://a/b/c/d/e", "A=op://", "A: 'op://v/i/f!'"]
        {
            let (_, findings) = read_text("x.env.template", text);
            assert_eq!(
                findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(),
                ["template-reference"],
                "{text}"
            );
        }
    }

    #[test]
    fn a_secret_in_plain_text_is_told_without_its_value_and_a_constant_is_not() {
        for (name, text, told) in [
            ("env.template", "DB_PASSWORD=hunter2hunter2\n", true),
            ("env.template", "  \"apiKey\": \"hunter2\",\n", true),
            ("x.yml.template", "smtp_password: 'hunter2'\n", true),
            ("passkey.template", "hunter2\n", false),
            ("db_password.template", "hunter2\n", true),
            ("db_password.template", "{{ op://a/b/c }}", false),
            ("env.template", "DB_PASSWORD=op://a/b/c\nAPI_KEY={{ op://a/b/c }}\n", false),
            ("env.template", "TOKEN_TTL=hours\nKEY_FILE=/run/secrets/x\nAPI_KEY=${API_KEY}\nUSE_TOKEN=true\n", false),
            ("x.yml.template", "labels:\n  - key: node\npassword_file: /run/x\ntoken: |\nsecrets:\n", false),
            ("env.template", "OAUTH_TOKEN_METHOD=post\nPASSWORD_HASH_ALGO=argon2\nAUTH_MODE=oidc\n", false),
            ("env.template", "GF_AUTH_GENERIC_OAUTH_SCOPES=openid\nTOKEN_ISSUER=x\nSMTP_AUTH=plain\n", false),
            ("x.yaml.template", "access_token_validity: hours=1\nsigning_key: !Find [a.b, [name, c]]\n", false),
            ("env.template", "AUTH_SECRET=hunter2\n", true),
            ("env.template", "# DB_PASSWORD=hunter2\nUSER=hunter2\n", false),
        ] {
            let (_, findings) = read_text(name, text);
            assert_eq!(findings.iter().any(|finding| finding.rule == "template-secret"), told, "{text}");
            assert!(!format!("{findings:?}").contains("hunter2"));
        }
    }
}
