//! Fills in the templates of a pre-flight, as far as that needs no Jinja: `{{ swarm_env_vars.NAME }}`, with `basename`
//! behind it where only the last part of a path is wanted. What is more than that is refused, never left standing.

/// The text with values put in.
///
/// # Errors
/// With each expression that is not understood, or has no value.
pub fn fill(text: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, Vec<String>> {
    let blocks = text.contains("{%").then(|| "{% … %} needs Ansible to fill it in".to_owned());
    match (braces(text, |inner| one(inner, &value)), blocks) {
        (filled, None) => filled,
        (filled, Some(why)) => Err(filled.err().into_iter().flatten().chain([why]).collect()),
    }
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

fn one(inner: &str, value: impl Fn(&str) -> Option<String>) -> Result<String, String> {
    let (name, filter) = match inner.split_once('|') {
        Some((name, filter)) => (name.trim(), Some(filter.trim())),
        None => (inner, None),
    };
    let bare = name.strip_prefix("swarm_env_vars.").unwrap_or(name);
    let is_name = !bare.is_empty() && bare.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_name {
        return Err(format!("{{{{ {inner} }}}} needs Ansible to fill it in"));
    }
    let found = value(bare).ok_or_else(|| format!("{bare} has no value"))?;
    match filter {
        None => Ok(found),
        Some("basename") => Ok(found.rsplit('/').next().unwrap_or_default().to_owned()),
        Some(_) => Err(format!("{{{{ {inner} }}}} needs Ansible to fill it in")),
    }
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
            ("{% if x %}", Err("needs Ansible")),
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
