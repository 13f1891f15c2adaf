//! Answers that are lost while the manager behind them goes away: it is looked what is, at whichever manager answers and
//! for as long as they may take to vote, and nothing is written twice.

use quarterdeck::action::JobState;
use quarterdeck::sim::{Fault, Scenario};

use super::desk::desk;
use super::wish::{edit, image, stack};

const HEADLESS: &str = "rpc error: code = Unknown desc = The swarm does not have a leader.";

#[tokio::test(start_paused = true)]
async fn a_lost_answer_of_a_manager_that_dies_is_looked_up_when_another_one_leads() {
    let wish = stack("shop", &[("web", "nginx:1")]);
    for (call, look) in [
        ("POST /networks/create", "GET /networks/shop_default"),
        ("POST /secrets/create", "GET /secrets/shop_key"),
        ("POST /configs/create", "GET /configs/shop_conf"),
        ("POST /services/create", "GET /services/shop_web"),
    ] {
        let desk = desk(Scenario::new()).await;
        desk.sim.fault(Fault::on(call).cut_body().once());
        // First nobody answers at all, then somebody does who knows no leader.
        desk.sim.fault(Fault::on(look).cut().times(4));
        desk.sim.fault(Fault::on(look).status(503, HEADLESS).times(6));
        let job = desk.deploy(&wish).await;
        assert_eq!(job.state, JobState::Done, "{call}: {job:#?}");
        assert_eq!(desk.sim.writes().len(), 4, "{call}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_update_whose_manager_dies_is_looked_up_and_written_once() {
    let desk = desk(Scenario::new()).await;
    let mut wish = stack("shop", &[("web", "nginx:1")]);
    desk.done(&wish).await;
    image(&mut wish, "web", "nginx:2");
    desk.sim.forget_requests();
    desk.sim.fault(Fault::on("POST /services/").cut_body().once());
    desk.sim.fault(Fault::on("GET /services/").status(503, HEADLESS).times(9));
    desk.done(&wish).await;
    assert_eq!(desk.sim.writes().len(), 1);
    // The answer of one that never was written is looked up too, and then it is written.
    edit(&mut wish, "web", "/Labels/owner", serde_json::json!("me"));
    desk.sim.forget_requests();
    desk.sim.fault(Fault::on("POST /services/").status(503, HEADLESS).once());
    desk.done(&wish).await;
    assert!(desk.sim.service("shop_web").unwrap()["Spec"]["Labels"]["owner"] == "me");
}

#[tokio::test(start_paused = true)]
async fn where_no_manager_leads_for_too_long_it_is_said_that_nothing_is_known() {
    let desk = desk(Scenario::new()).await;
    desk.sim.fault(Fault::on("POST /services/create").cut_body().once());
    desk.sim.fault(Fault::on("GET /services/shop_web").status(503, HEADLESS));
    let job = desk.deploy(&stack("shop", &[("web", "nginx:1")])).await;
    let JobState::Failed(fault) = &job.state else { panic!("{job:#?}") };
    let said = fault.to_string();
    assert!(said.contains("whether service shop_web was changed is not known"), "{said}");
    assert_eq!(desk.sim.writes().iter().filter(|seen| seen.path.starts_with("/services")).count(), 1);
}
