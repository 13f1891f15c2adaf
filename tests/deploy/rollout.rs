//! Deploys of a whole folder: tier by tier behind gates, on a simulated swarm whose time stands still while nobody waits.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use quarterdeck::action::gate::Mode;
use quarterdeck::action::{Action, Board, Deed, How, Job, JobId, JobState, Kept};
use quarterdeck::ask::{Answer, Asker};
use quarterdeck::hub::{Choice, Rest, Rollout, Seams};
use quarterdeck::jobs::{Locks, Registries};
use quarterdeck::journal::{Author, Journal};
use quarterdeck::model::{State, Tier};
use quarterdeck::plan::{Does, Gates, Options, Prune};
use quarterdeck::platform::{self, Checkout, Files};
use quarterdeck::sim::{Behaviour, Scenario};

use super::desk::{Desk, desk_by_all, desk_in, desk_of};

/// A folder, its swarm, and a queue on it.
struct Home {
    desk: Desk,
    checkout: Checkout,
    folder: tempfile::TempDir,
}

fn compose(image: &str, rest: &str) -> String {
    format!("services:\n  web:\n    image: {image}\n    deploy: {{update_config: {{monitor: 500ms}}}}\n{rest}")
}

fn put(folder: &tempfile::TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Two stacks in the lowest tier, three in the middle of which one stands on another, three above.
async fn home(seams: Seams) -> Home {
    let folder = tempfile::tempdir().unwrap();
    let net = "networks:\n  net: {name: db_net, driver: overlay}\n";
    let uses = "networks:\n  net: {external: true, name: db_net}\n";
    for (path, image, rest) in [
        ("infrastructure/dns", "dns:1", ""),
        ("infrastructure/proxy", "proxy:1", ""),
        ("platform/db", "db:1", net),
        ("platform/sso", "sso:1", uses),
        ("platform/mail", "mail:1", ""),
        ("application/shop", "shop:1", uses),
        ("application/blog", "blog:1", ""),
        ("application/wiki", "wiki:1", ""),
    ] {
        put(&folder, &format!("stacks/{path}/compose.yaml"), &compose(image, rest));
    }
    put(&folder, ".env", "");
    let checkout = checkout(&folder);
    let desk = desk_in(Scenario::new(), Registries::default(), checkout.clone(), seams).await;
    Home { desk, checkout, folder }
}

fn checkout(folder: &tempfile::TempDir) -> Checkout {
    let files = Files::on_disk(folder.path()).unwrap();
    let catalogue = Arc::new(platform::read(&files).catalogue);
    Checkout { files: Arc::new(files), catalogue, surroundings: Arc::default() }
}

fn how() -> How {
    How { patience: Some(Duration::from_secs(20)), ..How::default() }
}

impl Home {
    async fn drawn(&self) -> Rollout {
        let stacks = self.checkout.catalogue.stacks.values().cloned().collect();
        let choice =
            Choice { stacks, broad: true, options: Options::default(), gates: Gates::All, places: Default::default() };
        let rollout = self.desk.handle.rollout(choice).await.unwrap();
        let faults: Vec<String> = rollout.faults().map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{faults:#?}");
        rollout
    }

    fn begin(&self, rollout: &Rollout, gate: Mode) -> Vec<JobId> {
        let batch = self.desk.handle.enlist(rollout, how(), gate);
        let ids = batch.ids().collect();
        self.desk.handle.submit_all(batch).unwrap();
        ids
    }

    async fn ends(&self, ids: Vec<JobId>) -> Vec<Job> {
        let mut jobs = Vec::new();
        for id in ids {
            jobs.push(self.desk.ended(id).await);
        }
        jobs
    }

    /// A deploy of everything to its end.
    async fn all(&self, gate: Mode) -> Vec<Job> {
        let rollout = self.drawn().await;
        self.ends(self.begin(&rollout, gate)).await
    }

    /// The images of services that were asked for, in order.
    fn asked_for(&self) -> Vec<String> {
        let writes = self.desk.sim.writes().into_iter().filter(|seen| seen.path.starts_with("/services/"));
        let image = |seen: quarterdeck::sim::Seen| {
            let body = seen.json();
            let image = body.pointer("/TaskTemplate/ContainerSpec/Image").and_then(|image| image.as_str());
            image.unwrap_or_default().split(['@', ':']).next().unwrap_or_default().to_owned()
        };
        writes.map(image).collect()
    }
}

/// Each job that did not end well, with its last words.
fn bad(jobs: &[Job]) -> Vec<String> {
    let words = |job: &Job| match &job.state {
        JobState::Done => None,
        JobState::Failed(fault) => Some(format!("{} failed: {}", job.action.title(), fault.line())),
        JobState::Skipped { because } => Some(format!("{} skipped: {because}", job.action.title())),
        other => Some(format!("{} {other:?}", job.action.title())),
    };
    jobs.iter().filter_map(words).collect()
}

fn job<'a>(jobs: &'a [Job], title: &str) -> &'a Job {
    jobs.iter().find(|job| job.action.title() == title).unwrap_or_else(|| panic!("no {title}"))
}

#[tokio::test(start_paused = true)]
async fn everything_comes_up_tier_by_tier_and_infrastructure_in_turn() {
    let home = home(Seams::default()).await;
    let jobs = home.all(Mode::Stop).await;
    assert_eq!(bad(&jobs), [""; 0]);
    let deploy = |stack: &str| job(&jobs, &format!("deploy stack {stack}"));
    for (later, earlier) in [("proxy", "dns"), ("db", "proxy"), ("sso", "db"), ("shop", "sso"), ("blog", "mail")] {
        let (began, ended) = (deploy(later).started.unwrap(), deploy(earlier).ended.unwrap());
        assert!(began >= ended, "{later} began before {earlier} stood");
    }
    assert!(deploy("mail").started.unwrap() < deploy("db").ended.unwrap(), "these need nothing from each other");
    assert_eq!(job(&jobs, "gate of platform").steps.len(), 3);
    assert!(!home.drawn().await.has_work() && home.drawn().await.legs.is_empty());
}

#[tokio::test(start_paused = true)]
async fn nothing_is_written_to_a_tier_whose_gate_is_shut() {
    let home = home(Seams::default()).await;
    home.desk.sim.behave("proxy:1", Behaviour::Missing);
    let jobs = home.all(Mode::Stop).await;
    assert_eq!(home.asked_for(), ["dns", "proxy"]);
    let JobState::Skipped { because } = &job(&jobs, "deploy stack shop").state else { panic!("{:#?}", bad(&jobs)) };
    assert!(
        because.starts_with("blocked by gate of infrastructure, because infrastructure does not stand: "),
        "{because}"
    );
    assert!(because.contains("proxy"), "{because}");
    let writes = home.desk.sim.writes();
    let made: Vec<String> =
        writes.iter().map(|seen| seen.json()["Name"].as_str().unwrap_or_default().to_owned()).collect();
    assert_eq!(made, ["dns_default", "dns_web", "proxy_default", "proxy_web"], "nor is anything else");
}

#[tokio::test(start_paused = true)]
async fn a_tier_that_is_as_its_files_say_and_sick_shuts_its_gate_too() {
    let home = home(Seams::default()).await;
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0]);
    home.desk.sim.behave("dns:1", Behaviour::crashing(1, "no disk"));
    home.desk.sim.kill("dns_web", 1);
    put(&home.folder, "stacks/application/shop/compose.yaml", &compose("shop:2", ""));
    let mut swarm = home.desk.handle.swarm.clone();
    swarm.until(|picture| picture.stack("dns").is_some_and(|dns| !dns.state.is_settled())).await.unwrap();
    home.desk.sim.forget_requests();
    let jobs = home.all(Mode::Stop).await;
    assert!(home.desk.sim.writes().is_empty(), "{:?}", home.asked_for());
    let gate = job(&jobs, "gate of infrastructure");
    assert!(matches!(&gate.state, JobState::Failed(fault) if fault.why[0].starts_with("dns: ")), "{gate:#?}");
    assert!(gate.steps.iter().any(|step| step.name == "proxy" && step.detail.contains("1 of 1 ready")), "{gate:#?}");
}

#[tokio::test(start_paused = true)]
async fn what_fails_takes_along_what_stands_on_it_and_the_rest_goes_on() {
    let home = home(Seams::default()).await;
    home.desk.sim.behave("db:1", Behaviour::Missing);
    let jobs = home.all(Mode::Warn).await;
    let told = bad(&jobs);
    assert_eq!(told.len(), 3, "{told:#?}");
    let gate = job(&jobs, "gate of platform");
    assert!(gate.why.starts_with("goes on all the same: ") && gate.why.contains("db"), "{}", gate.why);
    for (line, begins) in told.iter().zip([
        "deploy stack db failed: ",
        "deploy stack sso skipped: blocked by deploy stack db, because ",
        "deploy stack shop skipped: blocked by deploy stack db, because ",
    ]) {
        assert!(line.starts_with(begins), "{line}");
    }
    let stands = |name: &str| home.desk.sim.services().contains(&format!("{name}_web"));
    assert!(stands("mail") && stands("blog") && stands("wiki") && !stands("shop") && !stands("sso"));
    home.desk.sim.behave("db:1", Behaviour::Healthy);
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0], "the next run finishes it");
}

#[tokio::test(start_paused = true)]
async fn the_operator_may_open_a_gate_and_only_by_saying_so() {
    for answer in [Answer::Yes, Answer::No] {
        let (asker, mut asked) = Asker::new();
        let home = home(Seams { asker, ..Seams::default() }).await;
        home.desk.sim.behave("mail:1", Behaviour::Missing);
        let said = answer.clone();
        let asking = tokio::spawn(async move {
            let question = asked.recv().await.unwrap();
            let title = question.question.title.clone();
            question.answer(said);
            title
        });
        let jobs = home.all(Mode::Ask).await;
        assert!(asking.await.unwrap().starts_with("platform does not stand"));
        let opened = matches!(job(&jobs, "gate of platform").state, JobState::Done);
        assert_eq!(opened, answer == Answer::Yes);
        assert_eq!(home.desk.sim.services().contains(&"blog_web".to_owned()), opened);
        let steps = &job(&jobs, "gate of platform").steps;
        assert_eq!(steps.iter().any(|step| step.detail.contains("the operator lets it go on")), opened, "{steps:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn cancelled_in_the_middle_it_begins_nothing_more() {
    let home = home(Seams::default()).await;
    let ids = home.begin(&home.drawn().await, Mode::Stop);
    let mut board = home.desk.handle.board.clone();
    board.until(|board| board.job(ids[1]).is_some_and(|job| matches!(job.state, JobState::Running))).await.unwrap();
    home.desk.handle.cancel_all(ids.clone());
    let jobs = home.ends(ids).await;
    assert!(home.asked_for().len() <= 2, "{:?}", home.asked_for());
    assert!(jobs.iter().skip(2).all(|job| matches!(job.state, JobState::Cancelled { .. } | JobState::Skipped { .. })));
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changes_in_the_middle_stops_that_stack_alone() {
    let home = home(Seams::default()).await;
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0]);
    for stack in ["infrastructure/dns", "application/shop", "application/blog"] {
        let name = stack.split_once('/').unwrap().1;
        let path = format!("stacks/{stack}/compose.yaml");
        let text = std::fs::read_to_string(home.folder.path().join(&path)).unwrap();
        put(&home.folder, &path, &text.replace(&format!("{name}:1"), &format!("{name}:2")));
    }
    let ids = home.begin(&home.drawn().await, Mode::Stop);
    home.desk.sim.update_image("shop_web", "shop:9");
    let jobs = home.ends(ids).await;
    let told = bad(&jobs);
    assert!(told.len() == 1 && told[0].contains("shop is not as it was when the plan was shown"), "{told:#?}");
    let spec = |name: &str| home.desk.sim.service(name).unwrap()["Spec"].to_string();
    assert!(spec("shop_web").contains("shop:9") && spec("blog_web").contains("blog:2"));
}

#[tokio::test(start_paused = true)]
async fn what_others_drive_is_left_out_and_named() {
    let home = home(Seams::default()).await;
    put(
        &home.folder,
        "komodo/resources.toml",
        "[[swarm]]\nname = \"home\"\n\n[[stack]]\nname = \"blog\"\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/application/blog\"\n\n[[stack]]\nname = \"wiki\"\n[stack.config]\nswarm = \"home\"\nrun_directory = \"stacks/application/wiki\"\n",
    );
    put(
        &home.folder,
        "quarterdeck.yaml",
        "komodo: {drive: [wiki]}\nstacks:\n  mail: {host: barbary, tier: platform}\n",
    );
    let checkout = checkout(&home.folder);
    let desk = desk_in(Scenario::new(), Registries::default(), checkout.clone(), Seams::default()).await;
    let home = Home { desk, checkout, folder: home.folder };
    let rollout = home.drawn().await;
    let left_out: Vec<&str> = rollout.left_out.iter().map(|(stack, _)| stack.as_str()).collect();
    assert_eq!(left_out, ["blog", "mail"]);
    assert!(rollout.left_out[0].1.contains("managed by Komodo") && rollout.left_out[1].1.contains("on barbary"));
    assert!(rollout.of("wiki").is_some_and(|planned| planned.tier == Tier::Application));
}

#[tokio::test(start_paused = true)]
async fn a_stack_that_is_switched_off_is_left_out_and_its_network_made_for_those_who_need_it() {
    let home = home(Seams::default()).await;
    let owner = "services: {web: {image: 'web:1', networks: [front]}}\nnetworks: {front: {name: front}}\n";
    let user = "services: {web: {image: 'web:1', networks: [front]}}\nnetworks: {front: {external: true}}\n";
    for (stack, text) in [("old", owner), ("new", user), ("other", user)] {
        put(&home.folder, &format!("stacks/infrastructure/{stack}/compose.yaml"), text);
    }
    put(&home.folder, "quarterdeck.yaml", "stacks:\n  old: {off: true}\n");
    let checkout = checkout(&home.folder);
    let desk = desk_in(Scenario::new(), Registries::default(), checkout.clone(), Seams::default()).await;
    let home = Home { desk, checkout, folder: home.folder };
    let rollout = home.drawn().await;
    assert_eq!(rollout.left_out, [("old".to_owned(), "switched off: quarterdeck.yaml:2:14".to_owned())]);
    assert!(rollout.of("old").is_none());
    assert_eq!(rollout.networks, ["front"]);
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0]);
    assert!(home.desk.sim.service("new_web").is_some() && home.desk.sim.service("old_web").is_none());
}

#[tokio::test(start_paused = true)]
async fn a_tier_that_is_switched_off_as_a_whole_shuts_no_gate() {
    let home = home(Seams::default()).await;
    put(&home.folder, "quarterdeck.yaml", "stacks:\n  dns: {off: true}\n  proxy: {off: true}\n");
    let checkout = checkout(&home.folder);
    let desk = desk_in(Scenario::new(), Registries::default(), checkout.clone(), Seams::default()).await;
    let home = Home { desk, checkout, folder: home.folder };
    let jobs = home.all(Mode::Stop).await;
    assert_eq!(bad(&jobs), [""; 0]);
    assert!(jobs.iter().all(|job| job.action.title() != "gate of infrastructure"), "{jobs:#?}");
    assert!(home.desk.sim.service("wiki_web").is_some());
}

/// The deed of the course that was begun last.
fn course(home: &Home) -> Deed {
    let history = home.desk.journal.read().unwrap();
    history.deeds.iter().find(|deed| deed.begun.kind == "course").unwrap().as_ref().clone()
}

#[tokio::test(start_paused = true)]
async fn a_course_is_one_deed_with_the_end_of_all_its_parts() {
    let home = home(Seams::default()).await;
    home.desk.sim.behave("mail:1", Behaviour::Missing);
    home.all(Mode::Stop).await;
    let mut board = home.desk.handle.board.clone();
    board.until(|board| board.written == 1).await.unwrap();
    let deed = course(&home);
    assert_eq!((deed.begun.what.as_str(), deed.outcome()), ("deploy 8 stacks", "failed"));
    assert_eq!(deed.end.unwrap().fault, ["of 10 jobs 2 failed, 3 skipped, 5 done"]);
    let history = home.desk.journal.read().unwrap();
    let part = |deed: &&std::sync::Arc<Deed>| deed.begun.stack == "dns";
    assert_eq!(history.deeds.iter().find(part).unwrap().begun.course, deed.begun.job);
}

#[tokio::test(start_paused = true)]
async fn a_course_that_the_end_of_the_program_broke_off_is_asked_for_again_as_it_was() {
    let home = home(Seams::default()).await;
    // It never comes up: nothing of what stands above it begins.
    home.desk.sim.behave("proxy:1", Behaviour::Slow(Duration::from_secs(36_000)));
    let ids = home.begin(&home.drawn().await, Mode::Warn);
    let mut board = home.desk.handle.board.clone();
    let waits = |board: &Board| {
        board.job(ids[1]).is_some_and(|job| job.steps.iter().any(|step| step.state == State::Converging))
    };
    board.until(waits).await.unwrap();
    home.desk.handle.stop.cancel();
    board.until(|board| board.jobs.iter().all(|job| job.state != JobState::Running)).await.unwrap();
    let deed = course(&home);
    // This very process is still there: for any other it is interrupted.
    assert_eq!(deed.outcome(), "running");
    let Ok(Rest::FromFile(rollout)) = home.desk.handle.resume(&deed).await else { panic!() };
    assert_eq!((rollout.stacks.len(), rollout.gate, rollout.gated, rollout.broad), (8, Mode::Warn, true, true));
    let patience = how().patience;
    assert!(rollout.stacks.iter().all(|planned| planned.patience == patience) && Some(rollout.at_a_gate) == patience);
    let gates = rollout.legs.iter().filter(|leg| matches!(leg.does, Does::Gate(_))).count();
    assert_eq!(gates, 2);
}

#[tokio::test(start_paused = true)]
async fn a_deploy_that_was_to_leave_what_the_file_lacks_leaves_it_when_it_is_taken_up_again() {
    let home = home(Seams::default()).await;
    for prune in [Prune::Nothing, Prune::Everything] {
        let options = Options { prune, ..Options::default() };
        let plan = Arc::new(quarterdeck::plan::Plan { stack: "wiki".into(), ..Default::default() });
        let action = Action::Deploy { plan, wish: Kept(0), how: How { options, ..How::default() } };
        let swarm = home.desk.handle.swarm.latest().swarm.cluster.id.clone();
        home.desk.journal.begin((JobId(99), &action), &swarm, home.desk.handle.clock.now()).unwrap();
        let deed = home.desk.journal.read().unwrap().deeds[0].clone();
        let Ok(Rest::FromFile(rollout)) = home.desk.handle.resume(&deed).await else { panic!() };
        assert_eq!(rollout.options.prune, prune);
    }
}

#[tokio::test(start_paused = true)]
async fn a_manager_that_is_lost_in_the_middle_costs_no_stack_and_no_second_write() {
    let folder = home(Seams::default()).await.folder;
    let checkout = checkout(&folder);
    let home = Home { desk: desk_by_all(checkout.clone()).await, checkout, folder };
    let ids = home.begin(&home.drawn().await, Mode::Stop);
    let lost = home.desk.engine.at().trim_start_matches("sim://").to_owned();
    // While the lowest tier comes up: what is asked and written from here on goes through another.
    let mut board = home.desk.handle.board.clone();
    let begun = |board: &quarterdeck::action::Board| {
        board.jobs.iter().any(|job| job.action.title() == "deploy stack proxy" && job.state == JobState::Running)
    };
    board.until(begun).await.unwrap();
    home.desk.sim.node_down(&lost);
    let jobs = home.ends(ids).await;
    assert_eq!(bad(&jobs), [""; 0]);
    let mut made = home.asked_for();
    let order: Vec<&str> = made.iter().map(String::as_str).take(2).collect();
    assert_eq!(order, ["dns", "proxy"]);
    made.sort();
    assert_eq!(made, ["blog", "db", "dns", "mail", "proxy", "shop", "sso", "wiki"], "each once");
    assert!(home.desk.sim.writes().iter().any(|seen| seen.at != lost), "{lost} was still written through");
}

/// A disk so small that it is full at once; none where this process may mount none.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=512k", "none"]).arg(folder.path());
        let mounted = mount.output().is_ok_and(|said| said.status.success()).then_some(Self(folder));
        if mounted.is_none() {
            eprintln!("NOT RUN: a small disk needs root");
        }
        mounted
    }

    /// Leaves this much room.
    fn fill(&self, leave: usize) {
        std::fs::write(self.0.path().join("full"), vec![0; 512 * 1024 - leave]).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg(self.0.path()).output();
    }
}

#[tokio::test(start_paused = true)]
async fn a_disk_that_fills_up_in_the_middle_refuses_the_rest_and_loses_no_line() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = home(Seams::default()).await.folder;
    let checkout = checkout(&folder);
    let journal = Journal::in_folder(disk.0.path().join("journal"), Author::default());
    let means = (Seams::default(), journal, Locks::None);
    let desk = desk_of(Scenario::new(), Registries::default(), checkout.clone(), means).await;
    let home = Home { desk, checkout, folder };
    let rollout = home.drawn().await;
    disk.fill(8 * 1024);
    let jobs = home.ends(home.begin(&rollout, Mode::Stop)).await;
    let done = jobs.iter().filter(|job| job.action.is_deploy() && job.state == JobState::Done).count();
    let told = bad(&jobs);
    assert!(done > 0 && done < 8, "{done} of 8 were done: {told:#?}");
    assert!(told.iter().any(|told| told.contains("No space left")), "{told:#?}");
    // Whose line is not on the disk sends nothing, and every line that is there is whole or told.
    let journal = &home.desk.journal;
    let begun: BTreeSet<String> = journal
        .read()
        .unwrap()
        .deeds
        .iter()
        .filter(|deed| deed.begun.kind == "deploy")
        .map(|deed| deed.begun.stack.clone())
        .collect();
    let written: BTreeSet<String> = home.asked_for().into_iter().collect();
    assert!(written.is_subset(&begun) && written.len() >= done, "{written:?} {begun:?}");
    disk.fill(400 * 1024);
    assert_eq!(bad(&home.all(Mode::Stop).await), [""; 0]);
    let deeds = journal.read().unwrap().deeds;
    assert!(begun.iter().all(|stack| deeds.iter().any(|deed| deed.begun.stack == *stack)), "a line was lost");
    assert!(!home.drawn().await.has_work());
}
