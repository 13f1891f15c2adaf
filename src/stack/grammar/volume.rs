//! Mounts in their short form: `data:/data:ro`, `./src:/src`, `/data`.

/// What one entry means. Options that are not known are ignored, as the docker CLI ignores them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mount {
    /// It is a folder of the host.
    pub bind: bool,
    /// The name of a volume or a folder; none for a volume without a name.
    pub source: String,
    /// Where in the container.
    pub target: String,
    /// `ro`.
    pub read_only: bool,
    /// `nocopy`.
    pub no_copy: bool,
    /// How mounts below travel.
    pub propagation: Option<String>,
}

/// Reads one entry.
///
/// # Errors
/// With what is wrong with it.
pub fn parse(text: &str) -> Result<Mount, String> {
    let mut mount = Mount::default();
    if text.is_empty() {
        return Err("it is empty".to_owned());
    }
    if text.len() <= 2 {
        text.clone_into(&mut mount.target);
        return Ok(mount);
    }
    let parts = parts(text);
    if parts.iter().any(String::is_empty) {
        return Err("nothing stands between two colons".to_owned());
    }
    let mut parts = parts.into_iter();
    let (first, second, options) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    if parts.next().is_some() {
        return Err("it has too many colons".to_owned());
    }
    match second {
        None => mount.target = first,
        Some(target) => (mount.source, mount.target) = (first, target),
    }
    for option in options.iter().flat_map(|options| options.split(',')) {
        match option {
            "ro" => mount.read_only = true,
            "rw" => mount.read_only = false,
            "nocopy" => mount.no_copy = true,
            "rprivate" | "private" | "rshared" | "shared" | "rslave" | "slave" => {
                mount.propagation = Some(option.to_owned());
            }
            _ => {}
        }
    }
    mount.bind = is_folder(&mount.source);
    Ok(mount)
}

/// The parts between colons; the colon of a drive letter is none of those.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for c in text.chars() {
        let Some(part) = parts.last_mut() else { break };
        let drive = part.chars().count() == 1 && part.chars().all(char::is_alphabetic);
        if c == ':' && !drive {
            parts.push(String::new());
        } else {
            part.push(c);
        }
    }
    parts
}

fn is_folder(source: &str) -> bool {
    let mut chars = source.chars();
    match (chars.next(), chars.next()) {
        (Some('.' | '/' | '~'), _) => true,
        (Some('\\'), Some('\\')) => true,
        (Some(first), Some(':')) => first.is_alphabetic(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (bool, String, String) {
        let mount = parse(text).unwrap();
        (mount.bind, mount.source, mount.target)
    }

    #[test]
    fn entries_are_folders_or_volumes() {
        for (text, bind, source, target) in [
            ("/data", false, "", "/data"),
            ("data:/data", false, "data", "/data"),
            ("./a:/b", true, "./a", "/b"),
            ("~/a:/b:z", true, "~/a", "/b"),
            ("C:\\x:/data", true, "C:\\x", "/data"),
            ("v:/data", false, "", "v:/data"),
            ("v:/data:ro", true, "v:/data", "ro"),
            ("\\\\.\\pipe\\a:\\\\.\\pipe\\b", true, "\\\\.\\pipe\\a", "\\\\.\\pipe\\b"),
            ("ab", false, "", "ab"),
        ] {
            assert_eq!(read(text), (bind, source.to_owned(), target.to_owned()), "{text}");
        }
        let mount = parse("data:/data:nocopy,ro,cached,rslave").unwrap();
        assert!(mount.no_copy && mount.read_only && mount.propagation.as_deref() == Some("rslave"));
    }

    #[test]
    fn what_has_too_few_or_too_many_parts_is_refused() {
        for text in ["", ":/data", "data:", "data::ro", "data:/a:ro:x"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
