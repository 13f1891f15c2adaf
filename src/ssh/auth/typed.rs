//! What the operator types to be let in. Kept in memory for the next connection to the same host, and nowhere else.

use std::sync::PoisonError;

use russh::client::{AuthResult, KeyboardInteractiveAuthResponse as Response, Prompt};
use zeroize::Zeroizing;

use super::{Came, Login};
use crate::ask::{Answer, Question, Wants};
use crate::model::text::clean;

/// How many rounds of questions a host may ask in one attempt.
const ROUNDS: usize = 10;

impl Login<'_> {
    /// Lets the operator answer what the host asks.
    pub(super) async fn questions(&mut self) -> Came {
        const WHAT: &str = "keyboard-interactive";
        if !self.config.kbd_interactive_authentication {
            self.note(WHAT, "the SSH config says KbdInteractiveAuthentication no");
            return Came::Nowhere;
        }
        for attempt in 0..self.config.password_prompts {
            let user = self.config.user.clone();
            let mut answer = self.handle.authenticate_keyboard_interactive_start(user, None::<String>).await;
            let mut asked = 0;
            for _ in 0..ROUNDS {
                let Ok(Response::InfoRequest { name, instructions, prompts }) = answer else { break };
                asked += prompts.len();
                let Some(answers) = self.answers(attempt, &[name, instructions], &prompts).await else {
                    self.note(WHAT, "nobody answered");
                    return Came::Nowhere;
                };
                answer = self.handle.authenticate_keyboard_interactive_respond(answers).await;
            }
            let answer = match answer {
                Ok(Response::Success) => Ok(AuthResult::Success),
                Ok(Response::Failure { remaining_methods, partial_success }) => {
                    Ok(AuthResult::Failure { remaining_methods, partial_success })
                }
                Ok(Response::InfoRequest { .. }) => Err(russh::Error::Inconsistent),
                Err(error) => Err(error),
            };
            match self.answered(WHAT, answer) {
                // A host that asks nothing will ask nothing again.
                Came::Nowhere if asked > 0 && !self.is_gone() => {}
                came => return came,
            }
        }
        Came::Nowhere
    }

    async fn answers(&self, attempt: usize, said: &[String; 2], prompts: &[Prompt]) -> Option<Vec<String>> {
        let mut answers = Vec::new();
        for prompt in prompts {
            let mut lines: Vec<String> = said.iter().map(|text| clean(text)).filter(|text| !text.is_empty()).collect();
            lines.push(clean(prompt.prompt.trim()));
            if attempt > 0 {
                lines.push("The last answer was not right.".to_owned());
            }
            let title = format!("{} asks {}", self.host.name(), self.config.user);
            match self.shared.asker.ask(Question { title, lines, wants: Wants::Secret }).await {
                Answer::Secret(secret) => answers.push(secret.as_str().to_owned()),
                Answer::Yes | Answer::No => return None,
            }
        }
        Some(answers)
    }

    /// Lets the operator type a password.
    pub(super) async fn password(&mut self) -> Came {
        const WHAT: &str = "password";
        if !self.config.password_authentication {
            self.note(WHAT, "the SSH config says PasswordAuthentication no");
            return Came::Nowhere;
        }
        let mut lines = Vec::new();
        for _ in 0..self.config.password_prompts {
            let kept = self.host.memory.password.lock().unwrap_or_else(PoisonError::into_inner).take();
            let password = match kept {
                Some(password) => password,
                None => match self.asked(lines.clone()).await {
                    Some(password) => password,
                    None => {
                        self.note(WHAT, "nobody gave one");
                        return Came::Nowhere;
                    }
                },
            };
            let user = self.config.user.clone();
            let answer = self.handle.authenticate_password(user, password.as_str()).await;
            match self.answered(WHAT, answer) {
                Came::Nowhere if !self.is_gone() => lines = vec!["The last one was not right.".to_owned()],
                Came::Nowhere => return Came::Nowhere,
                came => {
                    *self.host.memory.password.lock().unwrap_or_else(PoisonError::into_inner) = Some(password);
                    return came;
                }
            }
        }
        Came::Nowhere
    }

    async fn asked(&self, lines: Vec<String>) -> Option<Zeroizing<String>> {
        let title = format!("Password of {} on {}", self.config.user, self.host.name());
        match self.shared.asker.ask(Question { title, lines, wants: Wants::Secret }).await {
            Answer::Secret(secret) => Some(secret),
            Answer::Yes | Answer::No => None,
        }
    }
}
