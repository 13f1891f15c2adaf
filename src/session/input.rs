//! Keys as the key table names them, from what the terminal sent.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::app::Msg;

/// The message for an event; none for what means nothing here.
#[must_use]
pub fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => name(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Paste(crate::model::text::clean(&text))),
        Event::Resize(width, height) => Some(Msg::Size { width, height }),
        _ => None,
    }
}

/// The name of a key: `j`, `G`, `ctrl-d`, `alt-x`, `enter`, `pgdn`, `f5`.
fn name(key: KeyEvent) -> Option<String> {
    let base = match key.code {
        KeyCode::Char(' ') => "space".to_owned(),
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => c.to_ascii_lowercase().to_string(),
        KeyCode::Char(c) => c.to_string(),
        KeyCode::Enter => "enter".to_owned(),
        KeyCode::Esc => "esc".to_owned(),
        KeyCode::Tab => "tab".to_owned(),
        KeyCode::BackTab => "shift-tab".to_owned(),
        KeyCode::Backspace => "backspace".to_owned(),
        KeyCode::Delete => "delete".to_owned(),
        KeyCode::Insert => "insert".to_owned(),
        KeyCode::Up => "up".to_owned(),
        KeyCode::Down => "down".to_owned(),
        KeyCode::Left => "left".to_owned(),
        KeyCode::Right => "right".to_owned(),
        KeyCode::Home => "home".to_owned(),
        KeyCode::End => "end".to_owned(),
        KeyCode::PageUp => "pgup".to_owned(),
        KeyCode::PageDown => "pgdn".to_owned(),
        KeyCode::F(n) => format!("f{n}"),
        _ => return None,
    };
    let control = if key.modifiers.contains(KeyModifiers::CONTROL) { "ctrl-" } else { "" };
    let alt = if key.modifiers.contains(KeyModifiers::ALT) { "alt-" } else { "" };
    Some(format!("{control}{alt}{base}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_named_as_in_the_key_table() {
        let press = |code, modifiers| name(KeyEvent::new(code, modifiers)).unwrap();
        assert_eq!(press(KeyCode::Char('G'), KeyModifiers::SHIFT), "G");
        assert_eq!(press(KeyCode::Char('D'), KeyModifiers::CONTROL), "ctrl-d");
        assert_eq!(press(KeyCode::Char(' '), KeyModifiers::CONTROL), "ctrl-space");
        assert_eq!(press(KeyCode::PageDown, KeyModifiers::NONE), "pgdn");
        assert_eq!(press(KeyCode::F(5), KeyModifiers::NONE), "f5");
    }

    #[test]
    fn what_is_pasted_cannot_carry_a_control_sequence() {
        let Some(Msg::Paste(text)) = message(Event::Paste("a\x1b[2Jb\n".to_owned())) else { panic!("no paste") };
        assert_eq!(text, "ab");
    }
}
