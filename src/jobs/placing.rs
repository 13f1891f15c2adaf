//! Directories and files on machines, over SSH: looked at, put in place, looked at again. Contents are fed to what
//! writes them and stand in no line of any command.

use std::time::Duration;

use super::cx::JobCx;
use crate::action::prepare::Place;
use crate::diag::{Diagnostic, Explain};
use crate::fleet::Fleet;
use crate::model::Picture;
use crate::model::text::clean;
use crate::ssh::{Command, Host};

/// How long one command on a machine may take: its storage may be slow.
const PATIENCE: Duration = Duration::from_secs(60);

/// Puts one thing in place, if it is not so already.
pub async fn put(cx: &JobCx, place: &Place, content: Option<&[u8]>) -> Result<String, Diagnostic> {
    let host = host(&cx.fleet, &cx.swarm.latest(), place).await?;
    if said(&host, &mounted(&place.root)).await?.0 != 0 {
        let what = format!("nothing is mounted at {} on {}", place.root, place.host);
        return Err(Diagnostic::new(
            what,
            "mount it first: what is written below it now would lie on the system's disk",
        ));
    }
    if is_so(&host, place, content).await? {
        return Ok("is so already".to_owned());
    }
    let (code, complaint) = said(&host, &put_there(place, content)).await?;
    if code != 0 {
        let what = format!("{} cannot be put in place on {}", place.path, place.host);
        return Err(Diagnostic::new(what, "look at the path and the rights there").because(complaint));
    }
    if is_so(&host, place, content).await? {
        return Ok(if place.is_file { "written" } else { "made" }.to_owned());
    }
    let what = format!("{} was put in place on {} and is not as it was asked for", place.path, place.host);
    Err(Diagnostic::new(what, "look whether its storage keeps owners and rights"))
}

async fn host(fleet: &Fleet, picture: &Picture, place: &Place) -> Result<std::sync::Arc<Host>, Diagnostic> {
    let gone = || Diagnostic::new(format!("{} is no node any more", place.host), "plan again");
    let node = picture.swarm.nodes.get(&place.node).ok_or_else(gone)?;
    let host = fleet.host(node).await?;
    host.connect().await.map_err(|error| error.explain())?;
    Ok(host)
}

async fn said(host: &std::sync::Arc<Host>, command: &Command) -> Result<(u32, String), Diagnostic> {
    let output = host.run(command).await.map_err(|error| error.explain())?;
    Ok((output.status().unwrap_or(255), clean(output.complaint().trim())))
}

async fn is_so(host: &std::sync::Arc<Host>, place: &Place, content: Option<&[u8]>) -> Result<bool, Diagnostic> {
    let output = host.run(&looked_at(place)).await.map_err(|error| error.explain())?;
    if !output.is_ok() || !is_as_wished(place, output.text().trim()) {
        return Ok(false);
    }
    match content {
        Some(content) if place.is_file => Ok(said(host, &compared(place, content)).await?.0 == 0),
        _ => Ok(true),
    }
}

fn mounted(root: &str) -> Command {
    Command::new("mountpoint").args(["-q", "--", root]).within(PATIENCE)
}

fn looked_at(place: &Place) -> Command {
    Command::new("stat").args(["-c", "%a|%u|%U|%g|%G|%F", "--", &place.path]).sudo().within(PATIENCE)
}

fn compared(place: &Place, content: &[u8]) -> Command {
    Command::new("cmp").args(["-s", "--", &place.path, "-"]).stdin(content).sudo().within(PATIENCE)
}

fn put_there(place: &Place, content: Option<&[u8]>) -> Command {
    let mut command = Command::new("install").args(["-m", &format!("{:04o}", place.mode)]);
    for (flag, name) in [("-o", &place.owner), ("-g", &place.group)] {
        if let Some(name) = name {
            command = command.args([flag, name.as_str()]);
        }
    }
    let command = match place.is_file {
        true => command.args(["-D", "--", "/dev/stdin", &place.path]).stdin(content.unwrap_or_default()),
        false => command.args(["-d", "--", &place.path]),
    };
    command.sudo().within(PATIENCE)
}

/// What `stat` says is what is wished: rights, and owner and group by number or name where they are said.
fn is_as_wished(place: &Place, said: &str) -> bool {
    let [mode, uid, user, gid, group, kind] = said.split('|').collect::<Vec<_>>()[..] else { return false };
    let is = |wished: &Option<String>, number: &str, name: &str| {
        wished.as_ref().is_none_or(|wished| wished == number || wished == name)
    };
    u32::from_str_radix(mode, 8) == Ok(place.mode)
        && is(&place.owner, uid, user)
        && is(&place.group, gid, group)
        && (kind == "directory") != place.is_file
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::NodeId;

    fn place(is_file: bool) -> Place {
        Place {
            node: NodeId::new("n"),
            host: "barbary".into(),
            root: "/mnt/app".into(),
            path: "/mnt/app/db data".into(),
            owner: Some("999".into()),
            group: Some("media".into()),
            mode: 0o700,
            is_file,
        }
    }

    #[test]
    fn what_is_so_already_is_known_by_rights_owner_and_kind() {
        for (said, is_file, so) in [
            ("700|999|postgres|100|media|directory", false, true),
            ("755|999|postgres|100|media|directory", false, false),
            ("700|0|root|100|media|directory", false, false),
            ("700|999|postgres|100|users|directory", false, false),
            ("700|999|postgres|100|media|regular file", false, false),
            ("700|999|postgres|100|media|regular empty file", true, true),
            ("", false, false),
        ] {
            assert_eq!(is_as_wished(&place(is_file), said), so, "{said}");
        }
    }

    #[test]
    fn a_content_stands_in_no_command_line() {
        let command = put_there(&place(true), Some(b"hunter2"));
        assert!(!format!("{command:?}").contains("hunter2"), "{command:?}");
        let words = format!("{:?}", put_there(&place(false), None));
        assert!(words.contains("0700") && words.contains("-d") && words.contains("db data"), "{words}");
    }
}
