//! Whole screens as pictures.

use std::sync::Arc;

use super::frame;
use super::screen::{homelab, screen};
use super::theme::Theme;
use crate::app::{App, Msg, Settings};
use crate::model::sample::noon;

fn app(size: (u16, u16), keys: &[&str]) -> App {
    let mut app = App::new(Settings { now: noon(), ..Settings::default() });
    app.update(Msg::Size { width: size.0, height: size.1 });
    app.update(Msg::Swarm(Arc::new(homelab())));
    for key in keys {
        app.update(Msg::Key((*key).to_owned()));
    }
    app
}

fn shot(size: (u16, u16), keys: &[&str]) -> String {
    let app = app(size, keys);
    screen(size, |area, buf| frame(&app, Theme::default(), area, buf))
}

#[test]
fn look() {
    for size in [(80, 24), (120, 40), (45, 12), (200, 60)] {
        println!("{}", shot(size, &["1"]));
    }
    println!("{}", shot((200, 60), &["4"]));
    println!("{}", shot((200, 60), &["3", "G"]));
    println!("{}", shot((120, 40), &["2"]));
    println!("{}", shot((120, 40), &["4"]));
    println!("{}", shot((80, 24), &["3"]));
    println!("{}", shot((80, 24), &["4", "d"]));
    println!("{}", shot((80, 24), &["4", "l"]));
    println!("{}", shot((45, 12), &["4", "r"]));
    println!("{}", shot((80, 24), &["3", "j", "r"]));
}
