//! What this program expects of the Docker Engine, asked of the simulator and of a real manager in the same words.
//! Where the two differ, the simulator is wrong.
//!
//! The simulator is asked everywhere; the manager of the lab where a lab may run (see `tests/e2e`).

#[cfg(test)]
mod client;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod jobs;
#[cfg(test)]
#[path = "../e2e/lab.rs"]
#[allow(dead_code, reason = "the other half is for those who do harm")]
mod lab;
#[cfg(test)]
mod local;
#[cfg(test)]
mod parts;
#[cfg(test)]
mod services;
#[cfg(test)]
mod shapes;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod system;
#[cfg(test)]
mod updates;

/// Each expectation as two tests: one asks the simulator, one the lab.
#[cfg(test)]
macro_rules! expectations {
    ($($room:ident: $($name:ident)*;)*) => {
        #[cfg(test)]
        mod simulator {
            $($(
                #[tokio::test]
                async fn $name() {
                    crate::$room::$name(&crate::desk::Desk::simulator()).await;
                }
            )*)*
        }
        #[cfg(test)]
        mod engine {
            $($(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $name() {
                    if let Some(desk) = crate::desk::Desk::engine(stringify!($name)) {
                        crate::$room::$name(&desk).await;
                    }
                }
            )*)*
        }
    };
}

expectations! {
    system: a_ping_tells_versions_and_role_in_its_headers
        the_version_in_the_path_must_be_one_that_the_engine_speaks
        info_tells_the_part_in_the_swarm
        nodes_are_listed_filtered_and_guarded_by_their_version
        nonsense_is_refused_with_its_code_and_words;
    services: a_service_is_made_listed_filtered_and_removed
        a_service_that_cannot_be_is_refused_with_its_code_and_words
        tasks_are_listed_and_filtered;
    updates: an_update_must_name_the_version_it_is_based_on
        an_update_goes_through_its_states
        an_update_that_fails_is_rolled_back
        the_previous_spec_comes_back_on_request;
    jobs: a_job_completes_and_counts
        a_job_that_fails_says_with_which_code;
    parts: secrets_and_configs_live_and_are_not_removed_while_in_use
        networks_live_and_are_not_removed_while_in_use;
    streams: the_life_of_a_service_is_told_as_events
        log_lines_come_in_frames_with_details
        a_terminals_log_comes_raw;
    local: a_command_runs_in_a_container_and_its_end_is_known
        a_command_that_cannot_be_is_refused_with_its_code_and_words
        containers_tell_their_task_and_how_much_they_use
        what_lies_on_a_disk_is_told_and_what_nothing_needs_goes;
    shapes: objects_have_the_fields_that_are_read;
}
