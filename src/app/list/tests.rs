//! Lists under a moving world.

use super::*;
use crate::model::{ServiceId, State};

const COLUMNS: [Column; 2] = [Column::words("STATE", 4, 14), Column::words("NAME", 4, 30)];

fn row(name: &str, state: State) -> Row {
    Row::new(Subject::Service(ServiceId::new(name)), state, vec![Cell::state(state), Cell::text_of(name)])
}

fn list(names: &[&str]) -> List {
    let mut list = List::default();
    list.fit(3);
    take(&mut list, names.iter().map(|name| row(name, State::Ready)).collect());
    list
}

fn take(list: &mut List, mut rows: Vec<Row>) -> bool {
    rows::rank(&mut rows);
    list.take(rows, &COLUMNS, (&Picture::default(), &Board::default()))
}

fn names(list: &List) -> Vec<&str> {
    list.on_screen(3).filter_map(|(_, row)| row.cells[1].text()).collect()
}

#[test]
fn the_cursor_follows_its_thing_when_rows_come_and_go() {
    let mut list = list(&["b", "c", "d"]);
    list.step(Move::Down);
    take(&mut list, ["a", "b", "c", "d"].map(|name| row(name, State::Ready)).into());
    assert_eq!(list.selected(), Some(&Subject::Service(ServiceId::new("c"))));
    take(&mut list, ["a", "b", "d"].map(|name| row(name, State::Ready)).into());
    assert_eq!(list.selected(), Some(&Subject::Service(ServiceId::new("d"))), "what took its place is next");
}

#[test]
fn the_cursor_is_always_on_screen() {
    let mut list = list(&["a", "b", "c", "d", "e"]);
    list.step(Move::Bottom);
    assert_eq!(names(&list), ["c", "d", "e"]);
    list.step(Move::PageUp);
    list.step(Move::PageUp);
    assert_eq!(names(&list), ["a", "b", "c"]);
}

#[test]
fn the_same_rows_are_no_news() {
    let mut list = list(&["a", "b"]);
    assert!(!take(&mut list, ["a", "b"].map(|name| row(name, State::Ready)).into()));
    assert!(take(&mut list, ["a", "b"].map(|name| row(name, State::Failed)).into()));
}

#[test]
fn sorting_by_state_puts_the_worst_first_and_flips() {
    let mut list = list(&[]);
    take(&mut list, vec![row("a", State::Ready), row("b", State::Failed), row("c", State::Waiting)]);
    list.sort_by(Sort::State, &COLUMNS);
    list.arrange((&Picture::default(), &Board::default()));
    assert_eq!(names(&list), ["b", "c", "a"]);
    list.sort_by(Sort::Flip, &COLUMNS);
    list.arrange((&Picture::default(), &Board::default()));
    assert_eq!(names(&list), ["a", "c", "b"]);
}

#[test]
fn only_faults_are_shown_when_asked() {
    let mut list = list(&[]);
    list.faults_only = true;
    take(&mut list, vec![row("a", State::Ready), row("b", State::Failed), row("c", State::Off)]);
    assert_eq!((names(&list), list.counts()), (vec!["b"], (1, 3)));
}

#[test]
fn a_column_never_shrinks_while_the_view_stands() {
    let mut list = list(&["a-long-name", "b"]);
    take(&mut list, vec![row("b", State::Ready)]);
    assert_eq!(list.widths(), [7, 11]);
}

#[test]
fn marks_of_what_is_gone_go_too() {
    let mut list = list(&["a", "b"]);
    list.mark();
    assert_eq!(list.marks().len(), 1);
    take(&mut list, vec![row("b", State::Ready)]);
    assert!(list.marks().is_empty());
}
