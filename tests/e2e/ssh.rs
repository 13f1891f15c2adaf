//! The swarm through SSH, with nothing but a key: all that is seen and done through one connection, and hosts that are
//! set up in their own ways.

use super::console::Console;
use super::lab::{Lab, take, until};
use super::operator::{Operator, far_ends};
use super::swarm::fleet_is_well;

fn ready(lab: &Lab) -> Operator {
    fleet_is_well(lab);
    Operator::of(lab)
}

/// One that is open, with its first picture.
fn live(operator: &Operator, node: &str) -> Console {
    let console = operator.console(&[node], &[]);
    console.until("it is live", |screen| screen.is_live() && screen.header().contains("nodes 5/5"));
    console
}

/// The far end of the only connection that stays. The kernel's list is no picture of one moment.
fn one_connection(console: &Console) -> String {
    let pid = console.pid();
    until("one connection carries all", || match far_ends(pid).as_slice() {
        [end] => Ok(end.clone()),
        ends => Err(format!("{ends:?}")),
    })
}

#[test]
fn with_a_key_alone_all_screens_come_through_one_connection() {
    let Some(lab) = take("with_a_key_alone") else { return };
    let captain = ready(&lab);
    let said = captain.said(&["barbary"], &["status", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("fleet_web") && said.err.is_empty(), "{said:?}");

    let mut console = live(&captain, "barbary");
    for (key, words) in [
        ("2", ["lorcha", "worker"]),
        ("3", ["fleet", "3/3"]),
        ("4", ["fleet_web", "4/4"]),
        ("5", ["fleet_web.1", "running"]),
        ("7", ["─ queue", ""]),
        ("8", ["─ events", ""]),
        ("1", ["─ overview", ""]),
    ] {
        console.press(key);
        console.until(&format!("a row says {words:?}"), |screen| screen.row(&words).is_some() && screen.is_live());
    }
    console.press("4/fleet_agent\rl");
    console.until("its log", |screen| screen.is_live() && screen.says("tick "));
    console.press("1");
    console.until_said(&["overview"]);
    let end = one_connection(&console);
    assert!(end.ends_with(":0016"), "at port 22: {end}");
    console.leave();
}

#[test]
fn a_log_and_a_shell_come_from_a_node_that_is_no_manager() {
    let Some(lab) = take("a_log_and_a_shell") else { return };
    let captain = ready(&lab);
    let ps = ["service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.ID}}", "fleet_agent"];
    let tasks = lab.docker("ching", &ps);
    let task = tasks.lines().find_map(|line| line.strip_prefix("lorcha ")).expect("a task on lorcha").to_owned();

    let said = captain.said(&["barbary"], &["exec", &task, "--", "cat", "/proc/sys/kernel/hostname"]);
    assert_eq!(said.code, 0, "{said:?}");
    let said = captain.said(&["barbary"], &["exec", &task, "--", "sh", "-c", "exit 9"]);
    assert_eq!(said.code, 9, "{said:?}");
    let said = captain.said(&["barbary"], &["logs", "fleet_agent", "--tail", "5", "--json"]);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.out.contains("lorcha"), "{said:?}");

    // A terminal, cut in the middle.
    let mut shell = captain.console(&["barbary"], &["exec", &task]);
    shell.press("echo one$((1+1))two\r");
    shell.until_said(&["one2two"]);
    let fault = lab.fault(&["kill", "lorcha"]);
    let (screen, code) = shell.ended();
    assert_ne!(code, 0, "{}", screen.text());
    assert!(screen.says("lorcha"), "{}", screen.text());
    drop(fault);
}

#[test]
fn a_host_with_other_settings_is_used_as_it_is() {
    let Some(lab) = take("a_host_with_other_settings") else { return };
    let captain = ready(&lab);
    for lines in ["MaxSessions 3", "AllowStreamLocalForwarding no", "MaxSessions 3\\nAllowStreamLocalForwarding no"] {
        let fault = lab.fault(&[
            "exec",
            "barbary",
            "sh",
            "-c",
            &sshd(&format!("printf '{lines}\\n' >/etc/ssh/sshd_config.d/0.conf")),
        ]);
        let said = captain.said(&["barbary"], &["status", "--json"]);
        assert_eq!(said.code, 0, "{lines}: {said:?}");
        let mut console = live(&captain, "barbary");
        console.press("4");
        console.until("services are shown", |screen| screen.row(&["fleet_web", "4/4"]).is_some());
        console.press("/fleet_web\rl");
        console.until("it shows the log", |screen| screen.is_live() && screen.says("fleet_web"));
        one_connection(&console);
        // The brackets keep the shell that asks out of the count.
        let carriers = lab.run(&["exec", "barbary", "sh", "-c", "pgrep -fc '[d]ial-stdio'; true"]);
        let is_carried = lines.contains("Forwarding no");
        assert_eq!(carriers.trim().parse::<u32>().is_ok_and(|found| found > 0), is_carried, "{lines}: {carriers}");
        console.leave();
        fault.undo(&["exec", "barbary", "sh", "-c", &sshd("rm -f /etc/ssh/sshd_config.d/0.conf")]);
    }
}

/// A change of sshd's settings, and the settings taken. A reload does not say when it listens again; a restart does, and
/// many of them in a short time are meant.
fn sshd(change: &str) -> String {
    format!("{change}; sshd -t && systemctl reset-failed ssh; systemctl restart ssh")
}

#[test]
fn a_key_that_is_wrong_and_a_host_that_has_changed_are_told_apart() {
    let Some(lab) = take("a_key_that_is_wrong") else { return };
    let captain = ready(&lab);
    // The user's own settings for the ssh command are no hindrance.
    captain.config("Host *\n  ControlMaster auto\n  ControlPath ~/.ssh/control-%C\n  ControlPersist 60\n");
    assert_eq!(captain.said(&["barbary"], &["status"]).code, 0);

    let known = captain.read(".ssh/known_hosts");
    let of = |node: &str| known.lines().find(|line| line.starts_with(node)).unwrap_or_default().to_owned();
    let strange = of("junk")
        .replace(of("junk").split(' ').next().unwrap_or_default(), of("barbary").split(' ').next().unwrap_or_default());
    captain.write(".ssh/known_hosts", &format!("{strange}\n"));
    let said = captain.said(&["barbary"], &["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    for part in ["the key of captain@barbary is not trusted", "it has changed", "known_hosts:1", "find out who"] {
        assert!(said.err.contains(part), "{part} is missing: {}", said.err);
    }
    captain.write(".ssh/known_hosts", "");
    let said = captain.said(&["barbary"], &["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("SHA256:") && said.err.contains("nobody has agreed"), "{}", said.err);

    captain.write(".ssh/known_hosts", &known);
    let other = tempfile::tempdir().expect("a folder");
    let key = other.path().join("key");
    let made = std::process::Command::new("ssh-keygen").args(["-qt", "ed25519", "-N", "", "-f"]).arg(&key).status();
    assert!(made.is_ok_and(|status| status.success()), "ssh-keygen");
    captain.write(".ssh/id_ed25519", &std::fs::read_to_string(&key).expect("a key"));
    let said = captain.said(&["barbary"], &["status"]);
    assert_eq!(said.code, 4, "{said:?}");
    for part in ["captain@barbary does not let captain in", "id_ed25519", "authorized keys"] {
        assert!(said.err.contains(part), "{part} is missing: {}", said.err);
    }
}

#[test]
fn a_manager_whose_key_is_new_is_asked_about_in_the_console() {
    let Some(lab) = take("a_manager_whose_key_is_new") else { return };
    let captain = ready(&lab);
    let known = captain.read(".ssh/known_hosts");
    let without: Vec<&str> = known.lines().filter(|line| !line.starts_with("ching")).collect();
    captain.write(".ssh/known_hosts", &(without.join("\n") + "\n"));
    let mut console = captain.console(&["barbary", "ching"], &[]);
    console.until("it is live", |screen| screen.is_live() && screen.header().contains("barbary"));
    let fault = lab.fault(&["engine", "barbary", "kill"]);
    console.until("it asks", |screen| screen.says("SHA256:") && screen.says("ching"));
    console.press("\t\r");
    console.until("it goes on there", |screen| screen.is_live() && screen.header().contains("ching"));
    assert!(captain.read(".ssh/known_hosts").lines().count() > without.len(), "it is written down");
    console.leave();
    drop(fault);
}

#[test]
fn a_line_that_is_slow_and_loses_packets_holds_up_no_key() {
    let Some(lab) = take("a_line_that_is_slow") else { return };
    let captain = ready(&lab);
    let mut console = live(&captain, "barbary");
    let fault = lab.fault(&["delay", "barbary", "80", "10"]);
    console.press("4");
    console.until("the key is answered", |screen| screen.row(&["fleet_web", "4/4"]).is_some());
    lab.scale("ching", "fleet_web=3");
    console.until("the change is seen", |screen| screen.is_live() && screen.row(&["fleet_web", "3/3"]).is_some());
    // A vote that comes late over this line makes a manager unreachable for a second.
    until("status says that all is well", || match captain.said(&["barbary"], &["status", "--json"]) {
        said if said.code == 0 => Ok(()),
        said => Err(format!("{said:?}")),
    });
    drop(fault);
    lab.scale("ching", "fleet_web=4");
    console.until("it is as before", |screen| screen.is_live() && screen.row(&["fleet_web", "4/4"]).is_some());
    console.leave();
}
