//! A deploy of many stacks in the queue, as messages and effects.

use std::sync::Arc;

use super::trial::{console, last_told, names, press};
use super::*;
use crate::action::JobId;
use crate::action::sample::course;
use crate::model::sample::noon;

fn told(app: &mut App, over: bool) {
    app.update(Msg::Board(Arc::new(course(noon(), over))));
}

/// A queue in which the course is under way.
fn under_way() -> App {
    let mut app = console();
    press(&mut app, "7");
    told(&mut app, false);
    app
}

#[test]
fn a_course_is_one_row_with_its_tiers_and_only_the_tier_that_calls_is_unfolded() {
    let mut app = under_way();
    let ids =
        ["course of job 1", "infrastructure", "platform", "job 5", "step", "job 4", "step", "job 6", "application"];
    let seen = names(&app);
    let said = |name: &String, id: &str| name.contains(id) || (id == "step" && name.starts_with("job "));
    assert!(seen.len() == ids.len() && seen.iter().zip(ids).all(|(name, id)| said(name, id)), "{seen:?}");
    press(&mut app, "j enter");
    assert_eq!(names(&app).len(), ids.len() + 3, "the jobs of a tier that stands are one key away");
    press(&mut app, "k enter");
    assert_eq!(names(&app).len(), 1);
}

#[test]
fn what_is_looked_for_is_found_below_its_course_and_its_tier() {
    let mut app = under_way();
    press(&mut app, "/ g r a f a n a enter");
    assert_eq!(names(&app).len(), 4, "the course, its tier, the job and the step: {:?}", names(&app));
}

#[test]
fn cancelling_a_course_or_a_tier_stops_all_of_it_that_is_not_over() {
    let mut app = under_way();
    let ids = |ids: &[u64]| vec![Effect::Cancel(ids.iter().map(|id| JobId(*id)).collect())];
    assert_eq!(press(&mut app, "x"), ids(&[5, 6, 7, 8]));
    assert_eq!(last_told(&app), "4 jobs: asked to stop after the step under way");
    assert_eq!(press(&mut app, "j j x"), ids(&[5, 6]));
    told(&mut app, true);
    assert_eq!(press(&mut app, "g x"), []);
    assert_eq!(last_told(&app), "that is over: there is nothing to cancel");
}

#[test]
fn where_a_step_folds_away_the_cursor_goes_to_its_job_and_where_a_job_does_to_its_tier() {
    let pointed = |app: &App| app.views().top().subject(app.picture());
    let mut app = under_way();
    press(&mut app, "j j j j");
    assert_eq!(pointed(&app), Some(Subject::Step(JobId(5), 0)));
    told(&mut app, true);
    assert_eq!(pointed(&app), Some(Subject::Job(JobId(5))));
    assert_eq!(press(&mut app, "x"), [], "what stands beside it is not cancelled");
    // All went well: the whole tier folds away, and the course with it.
    let mut board = course(noon(), true);
    let done = |job: &mut Arc<crate::action::Job>| Arc::make_mut(job).state = crate::action::JobState::Done;
    board.jobs.iter_mut().for_each(done);
    app.update(Msg::Board(Arc::new(board)));
    assert_eq!(pointed(&app), Some(Subject::Course(JobId(1))));
}

#[test]
fn the_end_of_a_course_is_told_once_and_what_was_skipped_is_a_number() {
    let mut app = under_way();
    told(&mut app, true);
    let texts: Vec<String> = app.messages().newest_first().map(|message| message.text.clone()).collect();
    assert_eq!(
        texts.first().map(String::as_str),
        Some("deploy 4 stacks: of 8 jobs 2 failed, 2 skipped, 4 done in 41s")
    );
    assert!(texts.iter().all(|text| !text.contains("skipped, blocked")), "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("gate of platform: platform does not stand")), "{texts:?}");
}

#[test]
fn the_page_of_a_course_tells_what_failed_with_its_mend_and_that_of_a_tier_only_its_own() {
    let mut app = under_way();
    told(&mut app, true);
    let page = |app: &App| match app.views().top() {
        Screen::Page(page) => page.copied(),
        _ => String::new(),
    };
    press(&mut app, "d");
    let text = page(&app);
    for words in ["read its log: l", "redeploy stack caddy", "of 8 jobs 2 failed"] {
        assert!(text.contains(words), "{words} in {text}");
    }
    press(&mut app, "esc j d");
    let text = page(&app);
    assert!(text.contains("redeploy stack caddy") && !text.contains("authentik"), "{text}");
}
