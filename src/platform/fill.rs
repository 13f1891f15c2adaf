//! Fills in the templates of a pre-flight, as far as that needs no Ansible: `{{ swarm_env_vars.NAME }}` with
//! `default('…')` or `basename` behind it, and `{% if NAME is defined %} … {% else %} … {% endif %}`. What is more than
//! that is refused, never left standing.

/// The text with values put in.
///
/// # Errors
/// With each expression that is not understood, or has no value.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, Vec<String>> {
    let put_in =
        |text: &str| braces(text, |inner| one(inner, &value)?.ok_or_else(|| format!("{} has no value", bare(inner))));
    match blocks(text, &value) {
        Ok(text) => put_in(&text),
        Err(why) => Err(put_in(text).err().into_iter().flatten().chain([why]).collect()),
    }
}

/// The text with only those parts that an `if` lets stand. As Ansible reads it, a block takes its line's end along.
fn blocks(text: &str, value: &impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    // Of each open `if`: whether its part stands now, and whether a later one still may.
    let mut open: Vec<(bool, bool)> = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{%") {
        let (tag, behind) = after.split_once("%}").ok_or("a block that begins with {% does not end")?;
        let stands = open.iter().all(|(stands, _)| *stands);
        if stands {
            out.push_str(if tag.starts_with('-') { before.trim_end() } else { before });
        }
        rest = if tag.ends_with('-') { behind.trim_start() } else { behind.strip_prefix('\n').unwrap_or(behind) };
        let tag = tag.trim_matches('-').trim();
        let (word, condition) = tag.split_once(' ').unwrap_or((tag, ""));
        match (word, open.last().copied()) {
            ("if", _) => {
                let holds = stands && holds(condition, value)?;
                open.push((holds, stands && !holds));
            }
            ("elif", Some((_, may))) => {
                let holds = may && holds(condition, value)?;
                open.pop();
                open.push((holds, may && !holds));
            }
            ("else", Some((_, may))) => {
                open.pop();
                open.push((may, false));
            }
            ("endif", Some(_)) => drop(open.pop()),
            _ => return Err(format!("{{% {tag} %}} needs Ansible to fill it in")),
        }
    }
    if !open.is_empty() {
        return Err("an {% if %} has no {% endif %}".to_owned());
    }
    Ok(out + rest)
}

/// `NAME`, `not NAME`, `NAME is defined`, `NAME == '…'`, and those joined by `and`.
fn holds(condition: &str, value: &impl Fn(&str) -> Option<String>) -> Result<bool, String> {
    condition.split(" and ").try_fold(true, |all, part| {
        let part = part.trim();
        let (negated, part) = part.strip_prefix("not ").map_or((false, part), |part| (true, part.trim()));
        let holds = if let Some(name) = part.strip_suffix(" is defined") {
            one(name.trim(), value)?.is_some()
        } else if let Some(name) = part.strip_suffix(" is not defined") {
            one(name.trim(), value)?.is_none()
        } else if let Some((name, literal)) = part.split_once("==") {
            let literal = quoted(literal.trim()).ok_or_else(|| beyond(condition))?;
            one(name.trim(), value)?.as_deref() == Some(literal)
        } else {
            one(part, value)?.is_some_and(|value| !value.is_empty())
        };
        Ok(all && holds != negated)
    })
}

fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    text.strip_prefix(quote)?.strip_suffix(quote).filter(|inner| !inner.contains(quote))
}

/// The text with what stands between `{{` and `}}` replaced.
///
/// # Errors
/// With everything that could not be replaced.
pub fn braces(text: &str, replaced: impl Fn(&str) -> Result<String, String>) -> Result<String, Vec<String>> {
    let (mut out, mut wrong) = (String::with_capacity(text.len()), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        let Some((inner, behind)) = after.split_once("}}") else {
            wrong.push("an expression that begins with {{ does not end".to_owned());
            rest = "";
            break;
        };
        match replaced(inner.trim()) {
            Ok(filled) => out.push_str(&filled),
            Err(why) => wrong.push(why),
        }
        rest = behind;
    }
    out.push_str(rest);
    if wrong.is_empty() { Ok(out) } else { Err(wrong) }
}

fn bare(inner: &str) -> &str {
    let name = inner.split('|').next().unwrap_or_default().trim();
    name.strip_prefix("swarm_env_vars.").unwrap_or(name)
}

fn beyond(inner: &str) -> String {
    format!("{{{{ {inner} }}}} needs Ansible to fill it in")
}

/// What an expression comes to; none where its name has no value.
fn one(inner: &str, value: impl Fn(&str) -> Option<String>) -> Result<Option<String>, String> {
    let name = bare(inner);
    if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(beyond(inner));
    }
    inner.split('|').skip(1).try_fold(value(name), |found, filter| {
        let filter = filter.trim();
        if filter == "basename" {
            return Ok(found.map(|path| path.rsplit('/').next().unwrap_or_default().to_owned()));
        }
        let given =
            filter.strip_prefix("default(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(|| beyond(inner))?;
        let (literal, also_empty) = match given.strip_suffix("true").and_then(|rest| rest.trim_end().strip_suffix(','))
        {
            Some(literal) => (literal.trim(), true),
            None => (given.trim(), false),
        };
        let literal = quoted(literal).ok_or_else(|| beyond(inner))?;
        Ok(found.filter(|value| !also_empty || !value.is_empty()).or_else(|| Some(literal.to_owned())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_put_in_and_what_needs_more_is_refused() {
        let value = |name: &str| (name == "KEY").then(|| "/home/a/id_ed25519".to_owned());
        for (text, filled) in [
            ("plain { } text", Ok("plain { } text")),
            ("a {{ swarm_env_vars.KEY }} b", Ok("a /home/a/id_ed25519 b")),
            ("{{ swarm_env_vars.KEY | basename }}{{KEY}}", Ok("id_ed25519/home/a/id_ed25519")),
            ("{{ NONE }}", Err("NONE has no value")),
            ("{{ KEY | upper }}", Err("needs Ansible")),
            ("{{ lookup('env', 'KEY') }}", Err("needs Ansible")),
            ("{% if x %}", Err("no {% endif %}")),
            ("{% for x in y %}{% endfor %}", Err("needs Ansible")),
            ("{{ NONE | default('a') }}{{ KEY | default(\"a\") | basename }}", Ok("aid_ed25519")),
            ("a\n{% if swarm_env_vars.KEY is defined %}\nb\n{% else %}\nc\n{% endif %}\nd", Ok("a\nb\nd")),
            ("{% if NONE is defined %}{{ NONE }}{% elif KEY and not NONE %}x{% else %}y{% endif %}", Ok("x")),
            ("{% if NONE | default('') %}{% if KEY %}x{% endif %}{% else %}y{% endif %}", Ok("y")),
            ("{% if KEY == 'a' %}x{% endif %} {%- if KEY != 'a' %}x{% endif %}", Err("needs Ansible")),
            ("{{ KEY", Err("does not end")),
        ] {
            match (fill(text, value), filled) {
                (Ok(got), Ok(wanted)) => assert_eq!(got, wanted),
                (Err(why), Err(wanted)) => assert!(why[0].contains(wanted), "{text}: {why:?}"),
                (got, _) => panic!("{text}: {got:?}"),
            }
        }
    }
}
