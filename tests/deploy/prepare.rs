//! What a pre-flight demands: faults before anything is written, and what is put in place before the deploy.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use quarterdeck::action::gate::Mode;
use quarterdeck::action::{Action, How, Job, JobState, Request, Scope};
use quarterdeck::ask::{Answer, Asker};
use quarterdeck::hub::{Choice, Rollout, Seams};
use quarterdeck::jobs::Registries;
use quarterdeck::plan::{Gates, Options};
use quarterdeck::platform::{self, Checkout, Files};
use quarterdeck::sim::{Fault, Scenario};

use super::desk::{Desk, desk_in};

struct Home {
    desk: Desk,
    checkout: Checkout,
    folder: tempfile::TempDir,
}

const WEB: &str = "services:\n  web:\n    image: web:1\n    secrets: [db]\n    networks: [net]\n    deploy: {update_config: {monitor: 500ms}}\nsecrets:\n  db: {external: true}\nnetworks:\n  net: {external: true, name: public}\n";
const BLOG: &str = "services:\n  blog:\n    image: blog:1\n    networks: [net]\n    deploy: {update_config: {monitor: 500ms}}\nnetworks:\n  net: {external: true, name: public}\n";
const WANTS: &str =
    "validate:\n  env: [DOMAIN]\n  labels:\n    - gpu: \"true\"\nsecrets:\n  - {name: db, from_env: DB_PASSWORD}\n";
const HOSTS: &str = "all:\n  hosts:\n    lorcha: {ansible_host: 192.0.2.21, node_labels: {gpu: \"true\"}}\n";

fn put(folder: &tempfile::TempDir, path: &str, text: &str) {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

async fn home(seams: Seams) -> Home {
    home_with(seams, &[]).await
}

/// With these files besides.
async fn home_with(seams: Seams, more: &[(&str, &str)]) -> Home {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in [
        (".env", "DOMAIN=home.example\nDB_PASSWORD=hunter2hunter2\n"),
        ("inventory/hosts.yml", HOSTS),
        ("stacks/application/web/compose.yaml", WEB),
        ("stacks/application/web/pre-flight.yml", WANTS),
        ("stacks/application/blog/compose.yaml", BLOG),
    ]
    .into_iter()
    .chain(more.iter().copied())
    {
        put(&folder, path, text);
    }
    let files = Files::on_disk(folder.path()).unwrap();
    let catalogue = Arc::new(platform::read(&files).catalogue);
    let checkout = Checkout { files: Arc::new(files), catalogue, surroundings: Arc::default() };
    let desk = desk_in(Scenario::new(), Registries::default(), checkout.clone(), seams).await;
    Home { desk, checkout, folder }
}

impl Home {
    async fn drawn(&self) -> Rollout {
        self.drawn_with(Options::default()).await
    }

    async fn drawn_with(&self, options: Options) -> Rollout {
        let files = Files::on_disk(self.folder.path()).unwrap();
        let stacks = platform::read(&files).catalogue.stacks.into_values().collect();
        assert!(!self.checkout.catalogue.stacks.is_empty());
        let choice = Choice { stacks, broad: true, options, gates: Gates::All, places: Default::default() };
        self.desk.handle.rollout(choice).await.unwrap()
    }

    async fn done(&self, rollout: &Rollout) -> Vec<Job> {
        self.done_with(rollout, How { patience: Some(Duration::from_secs(20)), ..How::default() }).await
    }

    async fn done_with(&self, rollout: &Rollout, how: How) -> Vec<Job> {
        let batch = self.desk.handle.enlist(rollout, how, Mode::Stop);
        let ids: Vec<_> = batch.ids().collect();
        self.desk.handle.submit_all(batch).unwrap();
        let mut jobs = Vec::new();
        for id in ids {
            jobs.push(self.desk.ended(id).await);
        }
        jobs
    }
}

fn faults(rollout: &Rollout) -> Vec<String> {
    rollout.faults().map(|fault| format!("{} at {}", fault.what, fault.place)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_file_that_forbids_and_cannot_be_read_forbids() {
    let registry = "[[stack]]\nname = \"blog\"\nx = [\n";
    for (path, text, what) in [
        ("stacks/application/web/pre-flight.yml", "validate: {env: [", "stacks/application/web/pre-flight.yml:1"),
        (
            "stacks/application/web/pre-flight.yml",
            "validate: {evn: [NOPE]}\n",
            "stacks/application/web/pre-flight.yml:1:12",
        ),
        ("quarterdeck.yaml", "stacks: {blog: {off: true}}\ngates: [\n", "quarterdeck.yaml:"),
        ("quarterdeck.yaml", "stacks: {blog: {of: true}}\n", "quarterdeck.yaml:1:17"),
        ("config/critical-services.yaml", "critical_services: [\n", "config/critical-services.yaml:"),
        ("komodo/resources.toml", registry, "komodo/resources.toml:"),
    ] {
        let home = home_with(Seams::default(), &[(path, text)]).await;
        let told = faults(&home.drawn().await);
        assert!(told.iter().any(|fault| fault.contains(what)), "{path}: {told:#?}");
        let one = Request { stacks: vec!["web".to_owned()], ..Request::default() };
        let rollout = home.desk.handle.rollout_of(&one, BTreeSet::new()).await.unwrap();
        assert!(faults(&rollout).iter().any(|fault| fault.contains(what)), "{path}: {:#?}", faults(&rollout));
    }
    // Who drives a stack is asked before every change of it.
    let home = home_with(Seams::default(), &[("komodo/resources.toml", registry)]).await;
    let action = Action::Redeploy { scope: Scope::Stack("blog".into()), services: Vec::new() };
    let refused = home.desk.handle.submit(action).unwrap_err().to_string();
    assert!(
        refused.contains("who drives the stack blog is not known") && refused.contains("komodo/resources.toml:"),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_label_that_a_node_is_given_first_counts_and_one_that_no_node_has_is_told() {
    let bound = |label: &str| BLOG.replace("deploy: {", &format!("deploy: {{placement: {{constraints: [{label}]}}, "));
    for (label, told) in [("node.labels.gpu == true", false), ("node.labels.gpu == false", true)] {
        let blog = bound(label);
        let home = home_with(
            Seams::default(),
            &[
                ("stacks/platform/web/compose.yaml", WEB),
                ("stacks/platform/web/pre-flight.yml", WANTS),
                ("stacks/application/blog/compose.yaml", &blog),
            ],
        )
        .await;
        std::fs::remove_dir_all(home.folder.path().join("stacks/application/web")).unwrap();
        let warnings = home.drawn().await.of("blog").unwrap().plan.warnings.clone();
        let said = |words: &str| warnings.iter().any(|warning| warning.to_string().contains(words));
        assert_eq!(said("blog_blog can run on no node now"), told, "{label}: {warnings:#?}");
        assert_eq!(said("no node meets node.labels.gpu == false"), told, "{label}: {warnings:#?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_told_with_its_place_before_anything_is_written() {
    let home = home(Seams::default()).await;
    put(&home.folder, ".env", "DOMAIN=\nDB_PASSWORD=x\n");
    put(&home.folder, "inventory/hosts.yml", "all:\n  hosts:\n    lorcha: {ansible_host: 192.0.2.21}\n");
    let told = faults(&home.drawn().await);
    assert!(told.len() == 2, "{told:#?}");
    assert_eq!(told[0], "web needs a value for DOMAIN, which has none at stacks/application/web/pre-flight.yml:2:9");
    assert!(told[1].starts_with("web needs a node with the label gpu=true, and none has it"), "{told:#?}");
    assert!(home.desk.sim.writes().is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_demanded_is_made_first_and_what_is_so_already_is_not_written_again() {
    let home = home(Seams::default()).await;
    let rollout = home.drawn().await;
    assert_eq!((faults(&rollout), rollout.networks.clone()), (vec![], vec!["public".to_owned()]));
    // Somebody else writes to the node in between: the label is written over what is there then.
    home.desk
        .sim
        .fault(Fault::on("POST /nodes").status(500, "rpc error: code = Unknown desc = update out of sequence").once());
    let jobs = home.done(&rollout).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:#?}");
    let paths: Vec<String> = home.desk.sim.writes().into_iter().map(|seen| seen.path).collect();
    let place = |part: &str| paths.iter().position(|path| path.contains(part)).unwrap_or_else(|| panic!("{paths:?}"));
    assert!(place("/networks/create") < place("/nodes/") && place("/nodes/") < place("/secrets/create"));
    assert!(place("/secrets/create") < paths.iter().rposition(|path| path == "/services/create").unwrap());
    assert_eq!(home.desk.sim.node("lorcha").unwrap()["Spec"]["Labels"]["gpu"], "true");
    let told = format!("{:?}", home.desk.handle.board.latest());
    assert!(!told.contains("hunter2"), "a secret stands on the board");
    home.desk.sim.forget_requests();
    let again = home.drawn().await;
    assert!(!again.has_work() && again.networks.is_empty());
    home.done(&again).await;
    assert!(home.desk.sim.writes().is_empty());
    // What was lost since is put in its place again, though nothing is to be deployed.
    let node = home.desk.sim.node("lorcha").unwrap();
    let mut spec = node["Spec"].clone();
    spec["Labels"] = serde_json::json!({});
    let path = format!("/nodes/{}/update?version={}", node["ID"].as_str().unwrap(), node["Version"]["Index"]);
    home.desk.engine.post_json(&path, &spec).await.unwrap();
    let lost = home.drawn().await;
    assert!(lost.has_work());
    let jobs = home.done(&lost).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done && !job.action.is_deploy()), "{jobs:#?}");
    assert_eq!(home.desk.sim.node("lorcha").unwrap()["Spec"]["Labels"]["gpu"], "true");
    assert!(!home.drawn().await.has_work());
}

#[tokio::test(start_paused = true)]
async fn a_network_that_many_need_and_none_makes_is_made_for_one_alone_too() {
    let home = home(Seams::default()).await;
    let request = Request { stacks: vec!["blog".to_owned()], ..Request::default() };
    let rollout = home.desk.handle.rollout_of(&request, BTreeSet::new()).await.unwrap();
    assert_eq!((faults(&rollout), rollout.networks.clone()), (vec![], vec!["public".to_owned()]));
    let jobs = home.done(&rollout).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:#?}");
    assert_eq!(home.desk.sim.services(), ["blog_blog"]);
}

#[tokio::test(start_paused = true)]
async fn what_another_stack_makes_is_not_asked_to_be_made_by_hand() {
    let user = BLOG.replace("name: public", "name: owned");
    let owner = "services: {a: {image: \"a:1\", networks: [n]}}\nnetworks: {n: {name: owned, attachable: true}}\n";
    let home = home_with(
        Seams::default(),
        &[("stacks/application/owner/compose.yaml", owner), ("stacks/application/blog/compose.yaml", &user)],
    )
    .await;
    let blog = home.checkout.catalogue.stacks["blog"].clone();
    let choice = Choice {
        stacks: vec![blog],
        broad: false,
        options: Options::default(),
        gates: Gates::Named,
        places: BTreeSet::new(),
    };
    let rollout = home.desk.handle.rollout(choice).await.unwrap();
    let mends: Vec<&str> = rollout.faults().map(|fault| fault.mend.as_str()).collect();
    assert_eq!(mends, ["the stack owner makes it: quarterdeck deploy owner"]);
}

#[tokio::test(start_paused = true)]
async fn no_secret_of_the_folder_stands_in_a_plan_neither_the_new_one_nor_the_old() {
    let cache = "services:\n  redis:\n    image: redis:7\n    command: redis-server --requirepass ${REDIS_PASSWORD}\n    healthcheck: {test: \"redis-cli -a ${REDIS_PASSWORD} ping; echo ${REDIS_PASSWORD}\"}\n    deploy: {labels: {a: \"x ${REDIS_PASSWORD} y\"}}\n";
    let file = "stacks/application/web/compose.yaml";
    let env = |secret: &str| format!("DOMAIN=x\nDB_PASSWORD=hunter2hunter2\nREDIS_PASSWORD={secret}\n");
    let home = home_with(Seams::default(), &[(file, cache), (".env", &env("old-one-7"))]).await;
    let first = home.drawn().await;
    home.done(&first).await;
    assert!(home.desk.sim.service("web_redis").unwrap().to_string().contains("--requirepass"));
    put(&home.folder, ".env", &env("new-one-8"));
    let plan = home.drawn().await.of("web").unwrap().plan.clone();
    let told = format!("{plan:?}");
    assert!(!told.contains("-one-"), "{told}");
    assert!(told.contains("--requirepass") && told.contains("(another)"), "{told}");
    // A fault repeats what it does not understand.
    put(&home.folder, file, &cache.replace("image: redis:7", "image: \"R ${REDIS_PASSWORD}\""));
    let told = format!("{:?}", faults(&home.drawn().await));
    assert!(told.contains("image") && !told.contains("-one-"), "{told}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_script_runs_only_as_it_was_consented_to() {
    let (asker, mut asked) = Asker::new();
    let state = tempfile::tempdir().unwrap();
    let seams = Seams { asker, state: Some(state.path().to_owned()), ..Seams::default() };
    let home = home_with(seams, &[("stacks/application/blog/hooks.sh", "")]).await;
    // It has no right to be executed, and asks where it lies.
    let script = |line: &str| {
        let text = format!(
            "set -eu\nif [ \"$1\" = hook_mode ]; then echo user; exit; fi\ncd \"$(dirname \"${{BASH_SOURCE[0]}}\")\"\n{line}\n"
        );
        put(&home.folder, "stacks/application/blog/hooks.sh", &text);
    };
    let answers = tokio::spawn(async move {
        let mut told = Vec::new();
        for answer in [Answer::No, Answer::Yes, Answer::Yes] {
            let question = asked.recv().await.unwrap();
            told.push(question.question.lines[1].clone());
            question.answer(answer);
        }
        told
    });
    script("echo \"$DOMAIN\" > ran");
    let ran = home.folder.path().join("stacks/application/blog/ran");
    let ends = |jobs: &[Job]| jobs.iter().filter(|job| job.state == JobState::Done).count() == jobs.len();
    let jobs = home.done(&home.drawn().await).await;
    assert!(!ends(&jobs) && !ran.exists(), "nobody let it run");
    assert!(!home.desk.sim.services().contains(&"blog_blog".to_owned()));
    let jobs = home.done(&home.drawn().await).await;
    assert!(ends(&jobs), "{jobs:#?}");
    assert_eq!(std::fs::read_to_string(&ran).unwrap(), "home.example\n");
    // The same script is not asked about again, a changed one is.
    for (number, line) in [(2, "echo \"$DOMAIN\" > ran"), (3, "exit 3")] {
        script(line);
        put(&home.folder, "stacks/application/blog/compose.yaml", &BLOG.replace("blog:1", &format!("blog:{number}")));
        let jobs = home.done(&home.drawn().await).await;
        assert_eq!(ends(&jobs), number == 2, "{jobs:#?}");
    }
    let told = answers.await.unwrap();
    assert_eq!(told.iter().filter(|line| line.contains("changed")).count(), 1, "{told:?}");
}

#[cfg(unix)]
#[tokio::test]
async fn what_was_changed_while_it_was_asked_about_is_not_run_and_root_is_the_operators() {
    let (asker, mut asked) = Asker::new();
    let state = tempfile::tempdir().unwrap();
    let seams = Seams { asker, state: Some(state.path().to_owned()), ..Seams::default() };
    let hooks = "stacks/application/blog/hooks.sh";
    let mode = |mode: &str| format!("[ \"$1\" = hook_mode ] && echo {mode} && exit\ntouch ran\n");
    let home = home_with(seams, &[(hooks, &mode("user"))]).await;
    std::fs::write(state.path().join("consents"), "of another\n").unwrap();
    let path = home.folder.path().join(hooks);
    let answers = tokio::spawn(async move {
        let question = asked.recv().await.unwrap();
        std::fs::write(&path, "touch changed\n").unwrap();
        question.answer(Answer::Yes);
        std::fs::write(&path, mode("root")).unwrap();
        let mut titles = Vec::new();
        for answer in [Answer::Yes, Answer::Yes, Answer::No] {
            let question = asked.recv().await.unwrap();
            titles.push(question.question.title.clone());
            question.answer(answer);
        }
        titles
    });
    let mut ended = Vec::new();
    for number in 2..5 {
        put(&home.folder, "stacks/application/blog/compose.yaml", &BLOG.replace("blog:1", &format!("blog:{number}")));
        let jobs = home.done(&home.drawn().await).await;
        ended.push(jobs.iter().all(|job| job.state == JobState::Done));
    }
    let blog = home.folder.path().join("stacks/application/blog");
    assert!(!blog.join("ran").exists() && !blog.join("changed").exists());
    assert_eq!(ended, [false, true, false]);
    assert!(answers.await.unwrap()[1].contains("wants to run as root"));
    let consents = std::fs::read_to_string(state.path().join("consents")).unwrap();
    assert!(consents.starts_with("of another\n") && consents.lines().count() == 3, "{consents}");
}

#[tokio::test(start_paused = true)]
async fn where_the_folder_says_ask_the_operator_says_whether_it_goes_on_without() {
    for answer in [Answer::Yes, Answer::No] {
        let (asker, mut asked) = Asker::new();
        let more =
            [("quarterdeck.yaml", "gates: {preflight: ask}\n"), (".env", "DOMAIN=\nDB_PASSWORD=hunter2hunter2\n")];
        let home = home_with(Seams { asker, ..Seams::default() }, &more).await;
        let rollout = home.drawn().await;
        assert_eq!(faults(&rollout), [""; 0]);
        let said = answer.clone();
        let asking = tokio::spawn(async move {
            let question = asked.recv().await.unwrap();
            let told = format!("{:?}", question.question.lines);
            question.answer(said);
            told
        });
        home.done(&rollout).await;
        assert!(asking.await.unwrap().contains("web needs a value for DOMAIN"));
        assert_eq!(home.desk.sim.services().contains(&"web_web".to_owned()), answer == Answer::Yes);
        assert!(!home.desk.sim.services().is_empty(), "the other stack needs nothing of it");
    }
}

/// A stack whose script makes what its file names: a config, variables, and a secret of another's.
#[cfg(unix)]
struct Making {
    home: Home,
    asked: tokio::sync::mpsc::Receiver<quarterdeck::ask::Asked>,
    _state: tempfile::TempDir,
}

#[cfg(unix)]
const MONITORING: &str = "services:\n  prom:\n    image: prom:1\n    configs: [targets]\n    env_file: [made.env]\n    deploy: {update_config: {monitor: 500ms}}\nconfigs:\n  targets: {file: ./targets.json}\n";

#[cfg(unix)]
impl Making {
    async fn begin(line: &str) -> Self {
        let (asker, asked) = Asker::new();
        let state = tempfile::tempdir().unwrap();
        let seams = Seams { asker, state: Some(state.path().to_owned()), ..Seams::default() };
        let more = [
            ("stacks/application/monitoring/compose.yaml", MONITORING),
            ("stacks/application/monitoring/hooks.sh", ""),
        ];
        let making = Self { home: home_with(seams, &more).await, asked, _state: state };
        making.script(line);
        making
    }

    fn script(&self, line: &str) {
        use std::os::unix::fs::PermissionsExt;
        let path = self.home.folder.path().join("stacks/application/monitoring/hooks.sh");
        let text = format!("#!/bin/sh\n[ \"$1\" = hook_mode ] && echo user && exit\n{line}\n");
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn lose(&self, name: &str) {
        std::fs::remove_file(self.home.folder.path().join("stacks/application/monitoring").join(name)).unwrap();
    }

    /// Deploys all stacks, with these answers to what is asked on the way. Gives the jobs and the titles of the questions.
    async fn deploy(&mut self, options: Options, agreed: bool, answers: &[Answer]) -> (Vec<Job>, Vec<String>) {
        let rollout = self.home.drawn_with(options).await;
        assert_eq!(faults(&rollout), [""; 0]);
        let how = How { patience: Some(Duration::from_secs(20)), options, agreed, ..How::default() };
        let mut titles = Vec::new();
        let doing = self.home.done_with(&rollout, how);
        tokio::pin!(doing);
        let mut answers = answers.iter().cloned();
        loop {
            tokio::select! {
                jobs = &mut doing => return (jobs, titles),
                Some(asked) = self.asked.recv() => {
                    titles.push(format!("{} {:?}", asked.question.title, asked.question.lines));
                    asked.answer(answers.next().expect("no more questions"));
                }
            }
        }
    }
}

#[cfg(unix)]
fn ended(jobs: &[Job], title: &str) -> JobState {
    jobs.iter().find(|job| job.action.title() == title).unwrap().state.clone()
}

#[cfg(unix)]
const MADE: &str = "echo '[]' > targets.json; echo A=1 > made.env";

#[cfg(unix)]
#[tokio::test]
async fn what_a_script_makes_is_awaited_in_the_plan_and_known_at_the_deploy() {
    let mut making = Making::begin(MADE).await;
    let rollout = making.home.drawn().await;
    let plan = &rollout.of("monitoring").unwrap().plan;
    let told = quarterdeck::plan::show(plan).join("\n");
    for line in [
        "? config monitoring_targets: made by hooks.sh at deploy; its content is not known yet",
        "? service monitoring_prom: made by hooks.sh at deploy; its variables are not all known yet",
    ] {
        assert!(told.contains(line), "{told}");
    }
    let json = serde_json::to_value(plan).unwrap();
    assert_eq!(json["unmade"][0]["by"], "hooks.sh", "{json}");
    // The script is consented to, and what it made is what was announced: nothing else is asked.
    let (jobs, titles) = making.deploy(Options::default(), false, &[Answer::Yes]).await;
    assert!(jobs.iter().all(|job| job.state == JobState::Done), "{jobs:#?}");
    assert!(titles.len() == 1 && titles[0].contains("wants to run a script"), "{titles:?}");
    let container = &making.home.desk.sim.service("monitoring_prom").unwrap()["Spec"]["TaskTemplate"]["ContainerSpec"];
    assert_eq!(container["Env"], serde_json::json!(["A=1"]));
    assert_eq!(container["Configs"][0]["ConfigName"], "monitoring_targets");
    assert!(!making.home.drawn().await.has_work(), "all of it is there now");
    // Another machine has the stack and not yet the files: nothing is written there.
    making.lose("targets.json");
    making.lose("made.env");
    making.home.desk.sim.forget_requests();
    let (jobs, _) = making.deploy(Options::default(), false, &[]).await;
    assert_eq!(ended(&jobs, "deploy stack monitoring"), JobState::Done);
    assert!(making.home.desk.sim.writes().is_empty(), "{:?}", making.home.desk.sim.writes());
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_script_leads_to_beyond_what_was_shown_is_done_only_after_a_yes() {
    tokio::join!(led_to_more(false, Some(Answer::No)), led_to_more(false, Some(Answer::Yes)), led_to_more(true, None));
}

#[cfg(unix)]
async fn led_to_more(agreed: bool, answer: Option<Answer>) {
    let mut making = Making::begin(MADE).await;
    making.deploy(Options::default(), true, &[Answer::Yes]).await;
    making.script("echo '[1]' > targets.json; echo A=2 > made.env");
    making.lose("targets.json");
    making.lose("made.env");
    let running = making.home.desk.running("monitoring_prom");
    let answers: Vec<Answer> = [Answer::Yes].into_iter().chain(answer.clone()).collect();
    let rotating = Options { rotate: true, ..Options::default() };
    let (jobs, titles) = making.deploy(rotating, agreed, &answers).await;
    assert_eq!(titles.len(), answers.len(), "{titles:?}");
    let done = agreed || answer == Some(Answer::Yes);
    assert_eq!(making.home.desk.running("monitoring_prom") != running, done, "{jobs:#?}");
    match ended(&jobs, "deploy stack monitoring") {
        JobState::Failed(fault) => {
            assert!(!done && fault.what.contains("nobody agreed"), "{fault}");
            assert!(fault.why.iter().any(|why| why.contains("not shown: monitoring_prom: restart")), "{fault}");
            assert!(titles[1].contains("more than was shown"), "{titles:?}");
        }
        state => assert!(done && state == JobState::Done, "{state:?}"),
    }
    // What was replaced was kept although it was not shown: it can be taken back.
    if done {
        let history = making.home.desk.journal.read().unwrap();
        let deed = history.deeds.iter().find(|deed| deed.begun.what == "deploy stack monitoring").unwrap();
        assert!(deed.may_be_undone() && deed.begun.changes.iter().any(|one| one.name == "monitoring_prom"));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_script_did_not_make_fails_its_stack_before_anything_of_it_is_written() {
    let mut making = Making::begin("echo A=1 > made.env").await;
    let (jobs, _) = making.deploy(Options::default(), true, &[Answer::Yes]).await;
    let JobState::Failed(fault) = ended(&jobs, "deploy stack monitoring") else { panic!("{jobs:#?}") };
    assert!(
        fault.what.contains("although hooks.sh is done") && fault.place.contains("monitoring/compose.yaml"),
        "{fault}"
    );
    assert!(fault.why.iter().any(|why| why.contains("the file of config targets is not there")), "{fault}");
    let services = making.home.desk.sim.services();
    assert!(services.contains(&"blog_blog".to_owned()) && !services.contains(&"monitoring_prom".to_owned()));
}

#[cfg(unix)]
#[tokio::test]
async fn a_secret_of_anothers_that_a_script_makes_is_awaited_too() {
    let making = Making::begin("true").await;
    let file =
        MONITORING.replace("    configs", "    secrets: [key]\n    configs") + "secrets:\n  key: {external: true}\n";
    put(&making.home.folder, "stacks/application/monitoring/compose.yaml", &file);
    let rollout = making.home.drawn().await;
    let awaited: Vec<String> = rollout.of("monitoring").unwrap().plan.unmade.iter().map(|one| one.line()).collect();
    assert_eq!(awaited[0], "secret key: made by hooks.sh at deploy; it is not there yet", "{awaited:?}");
}

#[tokio::test(start_paused = true)]
async fn what_no_node_can_meet_is_warned_of_in_the_plan() {
    let home = home(Seams::default()).await;
    let greedy = BLOG.replace("deploy: {", "deploy: {resources: {limits: {cpus: \"500\"}}, ");
    put(&home.folder, "stacks/application/blog/compose.yaml", &greedy);
    let rollout = home.drawn().await;
    let warnings = &rollout.of("blog").unwrap().plan.warnings;
    assert!(warnings.len() == 1 && warnings[0].why[0].starts_with("it limits itself to 500 CPUs;"), "{warnings:?}");
    assert!(rollout.has_work(), "a warning forbids nothing");
    assert!(rollout.of("web").unwrap().plan.warnings.is_empty());
}

#[tokio::test]
async fn directories_are_made_on_the_first_manager_that_the_inventory_names() {
    let hosts = "all: {children: {managers: {hosts: {ching: , barbary: }}, workers: {hosts: {angre: }}}}\n";
    let wants = "directories:\n  - {path: web}\n";
    let more = [("inventory/hosts.yml", hosts), ("stacks/application/web/pre-flight.yml", wants)];
    let home = home_with(Seams::default(), &more).await;
    let web = home.drawn().await.stacks.into_iter().find(|planned| planned.plan.stack == "web").unwrap();
    let (prepare, _) = web.prepare.unwrap();
    let places: Vec<(&str, &str)> = prepare.places.iter().map(|place| (&*place.host, &*place.path)).collect();
    assert_eq!(places, [("ching", "/mnt/iscsi/app-data/web")]);
}
