//! Whether the process that wrote a line is still there: by its number, its boot, and when it began.

use std::fs;

use crate::action::Process;

/// This process.
pub fn here(host: &str) -> Process {
    let pid = std::process::id();
    Process { pid, boot: boot(), started: started(pid).unwrap_or(0), host: host.to_owned() }
}

/// Whether a process is still there, as seen from this one. One on another machine cannot be looked for and counts as
/// there.
pub fn is_there(process: &Process, here: &Process) -> bool {
    if process == here {
        return true;
    }
    if process.host != here.host {
        return true;
    }
    process.boot == here.boot && started(process.pid) == Some(process.started)
}

/// The boot of this machine; empty where it does not tell.
fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// When a process began, in ticks since the boot; none if there is none of this number.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    let is_over = fields.next() == Some("Z");
    // The state was the third field; the start is the twenty-second.
    let started = fields.nth(18)?.parse().ok()?;
    (!is_over).then_some(started)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_that_another_process_has_by_now_is_not_taken_for_the_first_one() {
        let here = here("ching");
        assert!(here.started > 0 && !here.boot.is_empty());
        assert!(is_there(&here, &here));
        let another = Process { started: here.started + 1, ..here.clone() };
        assert!(!is_there(&another, &here));
        let before_the_boot = Process { boot: "another".into(), ..here.clone() };
        assert!(!is_there(&before_the_boot, &here));
        let elsewhere = Process { host: "dhow".into(), pid: 1, ..here.clone() };
        assert!(is_there(&elsewhere, &here));
    }
}
