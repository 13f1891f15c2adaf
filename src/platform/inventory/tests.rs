//! The traps of an Ansible inventory, each as the homelabs have it.

use super::*;
use crate::model::Role;
use crate::platform::page::word;
use crate::platform::values::Environment;

fn read_all(texts: &[(&str, &str)]) -> (Inventory, Vec<Finding>) {
    let files = Files::of(&[], texts);
    let mut findings = Vec::new();
    let values = Values::read(&files, Environment::new(), &mut findings);
    let inventory = read(&files, &values, &mut findings);
    (inventory, findings)
}

#[test]
fn hosts_are_found_in_groups_of_groups_and_null_bodies_are_allowed() {
    let (inventory, findings) = read_all(&[
        (
            "inventory/hosts.yml",
            "all:\n  children:\n    managers:\n      hosts:\n        barbary: {ansible_host: 192.0.2.10, platform: TrueNAS Scale, responsibilities: [ZFS]}\n        ching:\n    swarm_nodes:\n      children: {managers: null, workers:}\n",
        ),
        ("inventory/group_vars/all.yml", "hosts: {nobody: {}}"),
        ("inventory/zz.yml", "# nothing here\n"),
        ("inventory/host_vars/ching.yml", "# nothing here either\n"),
    ]);
    assert_eq!(inventory.hosts.keys().collect::<Vec<_>>(), ["barbary", "ching"]);
    let barbary = &inventory.hosts["barbary"];
    assert_eq!(barbary.note.platform, "TrueNAS Scale");
    assert_eq!(barbary.note.responsibilities, ["ZFS"]);
    assert_eq!(barbary.note.groups, ["swarm_nodes", "managers"]);
    assert_eq!(barbary.note.role, Some(Role::Manager));
    assert_eq!(barbary.spot.to_string(), "inventory/hosts.yml:5:9");
    assert_eq!(findings, []);
}

#[test]
fn many_ways_through_groups_of_groups_cost_no_more_than_the_groups() {
    let mut text = "a0: {hosts: {h: {}}}\nb0: {hosts: {h: {}}}\n".to_owned();
    for layer in 1..40 {
        let below = layer - 1;
        for group in ["a", "b"] {
            text += &format!("{group}{layer}: {{children: {{a{below}: , b{below}: }}}}\n");
        }
    }
    let (inventory, findings) = read_all(&[("inventory/hosts.yml", &text)]);
    assert_eq!(findings, []);
    let groups = &inventory.hosts["h"].note.groups;
    assert_eq!((groups.len(), groups[0].as_str(), groups[79].as_str()), (80, "a39", "b0"));
}

#[test]
fn files_are_merged_in_name_order_and_group_variables_reach_hosts_of_another_file() {
    let (inventory, findings) = read_all(&[
        (
            "ansible/inventory/01-structure.yml",
            "all:\n  vars: {ansible_user: root}\n  children:\n    managers:\n      vars: {swarm_role: manager}\n    workers: {}\n",
        ),
        (
            "ansible/inventory/02-hosts.yml",
            "all:\n  children:\n    managers:\n      hosts:\n        cody-X570-GAMING-X: {ansible_host: 192.0.2.1, ansible_user: cody, node_labels: {gpu: true, Tor: \"true\", n: 3}}\n    workers:\n      hosts: {mini: }\n",
        ),
        ("ansible/inventory/03-hosts.yml.example", "all: {hosts: {example: }}"),
        ("ansible/inventory/group_vars/all/main.yml", "timezone: Etc/UTC\n"),
        ("ansible/inventory/group_vars/all/ssh.yml", "ansible_ssh_private_key_file: ~/.ssh/id\n"),
        ("ansible/inventory/group_vars/all/snmp.yml.example", "timezone: Mars\n"),
    ]);
    assert_eq!(findings, []);
    let leader = &inventory.hosts["cody-X570-GAMING-X"];
    assert_eq!((leader.note.user.as_str(), leader.note.key.as_str()), ("cody", "~/.ssh/id"));
    assert_eq!(word(&leader.vars["swarm_role"].node).as_deref(), Some("manager"));
    assert_eq!(leader.labels["gpu"].value, "true");
    assert_eq!(leader.labels["n"].value, "3");
    assert_eq!(leader.labels["Tor"].spot.to_string(), "ansible/inventory/02-hosts.yml:5:100");
    assert_eq!(inventory.hosts["mini"].note.user, "root");
    assert_eq!(word(&inventory.all["timezone"].node).as_deref(), Some("Etc/UTC"));
    assert_eq!(inventory.hosts.len(), 2);
}

#[test]
fn what_is_said_nearer_to_the_host_wins() {
    // Each file is said over all before it.
    let layers: &[(&str, &str)] = &[
        ("inventory/hosts.yml", "all: {vars: {v: all}, children: {p: {children: {c: {hosts: {h: }}}}}}"),
        (
            "inventory/hosts.yml",
            "all: {vars: {v: all}, children: {p: {vars: {v: parent}, children: {c: {hosts: {h: }}}}}}",
        ),
        (
            "inventory/hosts.yml",
            "all: {vars: {v: all}, children: {p: {vars: {v: parent}, children: {c: {vars: {v: child}, hosts: {h: }}}}}}",
        ),
        ("inventory/group_vars/all.yml", "v: group_vars all"),
        ("inventory/group_vars/c.yml", "v: group_vars child"),
        ("inventory/group_vars/p.yml", "v: group_vars parent, which the child still hides"),
        ("inventory/hosts.yml", "all: {children: {p: {children: {c: {hosts: {h: {v: inline}}}}}}}"),
        ("inventory/host_vars/h/a.yml", "v: host_vars"),
    ];
    let expected =
        ["all", "parent", "child", "group_vars all", "group_vars child", "group_vars child", "inline", "host_vars"];
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for ((file, text), expected) in layers.iter().zip(expected) {
        texts.insert(file, text);
        let all: Vec<(&str, &str)> = texts.iter().map(|(file, text)| (*file, *text)).collect();
        let (inventory, _) = read_all(&all);
        assert_eq!(word(&inventory.hosts["h"].vars["v"].node).as_deref(), Some(expected));
    }
}

#[test]
fn templates_and_vaults_stay_closed_and_a_plain_look_up_is_answered() {
    let (inventory, findings) = read_all(&[
        (".env", "ADDRESS=192.0.2.7\n"),
        (
            "inventory/hosts.yml",
            "all:\n  hosts:\n    a:\n      ansible_host: \"{{ lookup('env', 'ADDRESS') | default('x', true) }}\"\n      ansible_user: \"{{ groups.all[0] }}\"\n      ansible_password: !vault |\n        $ANSIBLE_VAULT;1.1;AES256\n        6162\n      ansible_port: \"{{ lookup('env', 'PORT') | default(2222, true) }}\"\n",
        ),
        ("inventory/group_vars/all/vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
    ]);
    let host = &inventory.hosts["a"];
    assert_eq!((host.note.address.as_str(), host.note.user.as_str(), host.note.port), ("192.0.2.7", "", Some(2222)));
    let mut told: Vec<String> = findings.iter().map(|finding| format!("{} {}", finding.rule, finding.spot)).collect();
    told.sort();
    assert_eq!(
        told,
        ["inventory-opaque inventory/hosts.yml:5:7", "inventory-sealed inventory/group_vars/all/vault.yml:1:1"]
    );
}

#[test]
fn what_is_written_wrongly_is_told_with_its_place_and_the_rest_counts() {
    for (text, place, word) in [
        ("all:\n\thosts:", "2:", ""),
        ("- all", "1:1", "no mapping"),
        ("all:\n  host: {a: }", "2:3", "no key `host`"),
        ("all:\n  hosts: [a]", "2:10", "hosts of all is no mapping"),
        ("all:\n  hosts:\n    n[1:: {}\n", "3:5", "names no hosts"),
        ("all:\n  hosts:\n    a: {ansible_port: many}", "3:9", "port of a"),
        ("all:\n  hosts:\n    a: {node_labels: [x=y]}", "3:9", "no mapping"),
        ("all:\n  hosts:\n    a: {node_labels: {x: {y: z}}}", "3:23", "label x of a"),
        ("a: {children: {b: {children: {a: }}}}", "1:1", "holds itself"),
        ("managers: {hosts: {a: }}\nworkers: {hosts: {a: }}", "1:20", "in managers and in workers"),
    ] {
        let (inventory, findings) = read_all(&[("inventory/a.yml", text), ("inventory/b.yml", "all: {hosts: {x: }}")]);
        assert!(inventory.hosts.contains_key("x"), "{text}");
        let first = findings.first().unwrap_or_else(|| panic!("nothing found in {text}"));
        assert!(first.spot.to_string().starts_with(&format!("inventory/a.yml:{place}")), "{text}: {}", first.spot);
        assert!(first.what.contains(word), "{text}: {}", first.what);
    }
}

#[test]
fn words_of_yaml_1_1_mean_truth_unless_they_are_in_quotes() {
    let (inventory, _) = read_all(&[(
        "hosts.yml",
        "all: {hosts: {a: {ansible_become: yes, node_labels: {x: yes, y: \"yes\", z: Off}}}}",
    )]);
    let host = &inventory.hosts["a"];
    let labels: Vec<&str> = host.labels.values().map(|label| label.value.as_str()).collect();
    assert_eq!((host.note.r#become, labels), (true, vec!["true", "yes", "false"]));
}

#[test]
fn a_range_is_many_hosts_with_one_place() {
    let (inventory, _) = read_all(&[("hosts.yml", "workers:\n  hosts:\n    node[01:03]: {ansible_user: deploy}\n")]);
    assert_eq!(inventory.hosts.len(), 3);
    assert!(inventory.hosts.values().all(|host| host.note.user == "deploy" && host.spot.line == 3));
}

#[test]
fn an_inventory_in_the_older_form_says_the_same() {
    let text = "; all of them\nlone ansible_host=192.0.2.9\n\n[managers]\n  a ansible_host=192.0.2.1 ansible_port=2222 node_labels='{\"gpu\": true}' # the first\nm[1:2]\n\n[workers]\nb ansible_user=\"anne marie\"\n[nodes:children]\nmanagers\nworkers\n[nodes:vars]\nansible_become = True\nansible_user=deploy\nbroken\n";
    for name in ["hosts.ini", "hosts", "inventory", "inventory/hosts", "ansible/inventory/hosts.ini"] {
        let (inventory, findings) = read_all(&[(name, text)]);
        let hosts: Vec<&str> = inventory.hosts.keys().map(String::as_str).collect();
        assert_eq!(hosts, ["a", "b", "lone", "m1", "m2"], "{name}");
        let (a, b) = (&inventory.hosts["a"], &inventory.hosts["b"]);
        assert_eq!((a.note.role.clone(), a.note.port, a.note.r#become), (Some(Role::Manager), Some(2222), true));
        assert_eq!((a.note.address.as_str(), a.spot.to_string()), ("192.0.2.1", format!("{name}:5:3")));
        assert_eq!((a.labels["gpu"].value.as_str(), b.note.user.as_str()), ("true", "anne marie"));
        assert_eq!((a.note.user.as_str(), inventory.hosts["lone"].note.role.clone()), ("deploy", None));
        let told: Vec<String> = findings.iter().map(|one| format!("{} {}", one.rule, one.spot)).collect();
        assert_eq!(told, [format!("inventory-shape {name}:16:1")]);
    }
    let program = "#!/bin/sh\necho '{}'\n";
    assert!(read_all(&[("hosts", program)]).0.hosts.is_empty());
}

#[test]
fn variables_without_ending_priorities_seals_and_comments_are_read_as_ansible_reads_them() {
    let (inventory, findings) = read_all(&[
        ("inventory/a.yml", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
        (
            "inventory/hosts",
            "[b]\nhost\n[c]\nhost\n[b:vars]\nansible_group_priority=10\nx=b\n[c:vars]\nx=c\nansible_port=22 # ssh\nword=a # b\n",
        ),
        ("inventory/group_vars/b/vars", "bare: 1\n"),
        ("inventory/group_vars/b/vault", "$ANSIBLE_VAULT;1.1;AES256\n6162\n"),
        ("inventory/group_vars/b/.gitkeep", ""),
        ("inventory/group_vars/c.json", "{\"json\": 2}"),
        ("inventory/group_vars/c/more.json", "{\"more\": 3}"),
        ("inventory/group_vars/c/notes.txt", "not: read"),
    ]);
    let host = &inventory.hosts["host"];
    let said = |name: &str| host.vars.get(name).and_then(|one| word(&one.node)).unwrap_or_default();
    for (name, value) in [("x", "b"), ("bare", "1"), ("json", "2"), ("more", "3"), ("word", "a # b"), ("not", "")] {
        assert_eq!(said(name), value, "{name}");
    }
    assert_eq!(host.note.port, Some(22));
    let told: Vec<&str> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(told, [rules::INVENTORY_SEALED.id; 2], "{findings:#?}");
}

#[test]
fn what_is_not_written_as_ansible_reads_it_is_told_and_moves_no_host() {
    let text = "[managers]\na ansible_host 192.0.2.1 ansible_user=ana\n[workers\nb ansible_host=192.0.2.2\n[old:children]\n[workers]\nc\n";
    let (inventory, findings) = read_all(&[("inventory/hosts.ini", text)]);
    let told: Vec<String> = findings.iter().map(|found| format!("{} {}", found.spot, found.what)).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    assert!(told[0].starts_with("inventory/hosts.ini:2:1 `192.0.2.1` of a has no value"), "{told:#?}");
    assert!(told[1].starts_with("inventory/hosts.ini:3:1 the name of a group is not closed"), "{told:#?}");
    let hosts: Vec<(&str, &str)> =
        inventory.hosts.iter().map(|(name, host)| (name.as_str(), host.note.user.as_str())).collect();
    assert_eq!(hosts, [("a", "ana"), ("c", "")]);
}
