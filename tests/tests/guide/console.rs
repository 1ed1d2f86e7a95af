//! The guide's commands answer what its pages say. `INSTA_UPDATE=always` writes the answers anew.
//!
//! A `console` block has commands, `$ COMMAND`, each with what it prints. The blocks of a page are run one after the other, in a folder that has the
//! guests which the page names as `NAME.wasm`. A command that ends with `&` is a server: it is started, prints one line, and ends with
//! the page. The page says that it listens on port 8080; here it is any free port.

use super::page::{Page, root};
use isyswasfa_tests::{Backend, guest, program};
use std::fmt::Write;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::{env, fs};

/// The address that the pages show.
const SHOWN: &str = "127.0.0.1:8080";

#[test]
fn commands_answer_what_the_pages_say() {
    let mut commands = 0;
    let mut differ = Vec::new();
    for page in super::guide() {
        let Some(answered) = answered(&page) else {
            continue;
        };
        commands += page.text.matches("\n$ ").count();
        if answered == page.text {
            continue;
        }
        if env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            fs::write(root().join(&page.path), answered).unwrap();
        } else {
            let (mut kept, mut made) = (page.text.lines(), answered.lines());
            let first = loop {
                match (kept.next(), made.next()) {
                    (kept, made) if kept == made => {}
                    (kept, made) => break (kept, made),
                }
            };
            differ.push(format!("`{}`: {first:?}", page.path));
        }
    }
    assert!(
        differ.is_empty(),
        "pages (left) and answers (right) differ; `INSTA_UPDATE=always` writes the answers into the pages: {differ:#?}"
    );
    assert!(commands > 20, "only {commands} commands were found");
}

/// The page with the output of its commands. `None`: the page has no commands.
fn answered(page: &Page) -> Option<String> {
    const FENCE: &str = "```console\n";
    let mut parts = page.text.split(FENCE);
    let mut text = parts.next()?.to_owned();
    let mut parts = parts.peekable();
    parts.peek()?;
    let mut shell = Shell::for_page(page);
    for part in parts {
        let (block, rest) = part.split_once("```").expect("the block's end");
        text += FENCE;
        for line in block.lines() {
            if let Some(command) = line.strip_prefix("$ ") {
                writeln!(text, "{line}").unwrap();
                let answer = shell.run(command);
                if !answer.is_empty() {
                    writeln!(text, "{answer}").unwrap();
                }
            }
        }
        write!(text, "```{rest}").unwrap();
    }
    Some(text)
}

/// Runs the commands of one page.
struct Shell {
    folder: tempfile::TempDir,
    servers: Vec<Child>,
    /// Where the last server listens.
    address: Option<String>,
}

impl Shell {
    fn for_page(page: &Page) -> Shell {
        let folder = tempfile::tempdir().unwrap();
        let words = page
            .text
            .split(|c: char| !(c.is_alphanumeric() || "-.".contains(c)));
        for name in words.filter_map(|word| word.strip_suffix(".wasm")) {
            let is_guest = ["cases", "tests/guests"]
                .iter()
                .any(|workspace| root().join(workspace).join(name).is_dir());
            if is_guest {
                let file = folder.path().join(format!("{name}.wasm"));
                fs::copy(guest(name, Backend::Isyswasfa), file).unwrap();
            }
        }
        Shell {
            folder,
            servers: Vec::new(),
            address: None,
        }
    }

    /// What `command` prints.
    fn run(&mut self, command: &str) -> String {
        match command.strip_suffix(" &") {
            Some(server) => self.start(server),
            None => self.answer(command),
        }
    }

    fn answer(&self, command: &str) -> String {
        let here = match &self.address {
            Some(address) => command.replace(SHOWN, address),
            None => command.to_owned(),
        };
        let output = self.shell(&format!("{{ {here}\n}} 2>&1")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success() || text.starts_with("error: "),
            "`{command}`: {}\n{text}",
            output.status
        );
        let text = match &self.address {
            Some(address) => text.replace(address, SHOWN),
            None => text,
        };
        text.trim_end().to_owned()
    }

    fn start(&mut self, command: &str) -> String {
        // Not two of them: the last one is who is asked.
        self.stop();
        let mut server = self
            .shell(&format!("exec {command} --addr 127.0.0.1:0"))
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stderr = server.stderr.as_mut().expect("its stderr");
        BufReader::new(stderr).read_line(&mut line).unwrap();
        self.servers.push(server);
        let address = line
            .split("http://")
            .nth(1)
            .and_then(|rest| rest.split('/').next())
            .unwrap_or_else(|| panic!("`{command}` does not say where it listens: {line}"));
        let shown = line.replace(address, SHOWN);
        self.address = Some(address.to_owned());
        shown.trim_end().to_owned()
    }

    fn shell(&self, script: &str) -> Command {
        let programs = program("polyfill-host");
        let programs = programs.parent().map(Path::to_owned).unwrap_or_default();
        let path = env::var_os("PATH").unwrap_or_default();
        let paths = [programs].into_iter().chain(env::split_paths(&path));
        let mut shell = Command::new("sh");
        shell
            .args(["-c", script])
            .current_dir(self.folder.path())
            .env("PATH", env::join_paths(paths).unwrap())
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::null());
        shell
    }

    fn stop(&mut self) {
        for mut server in self.servers.drain(..) {
            // It may have ended by itself.
            let _ = server.kill();
            server.wait().unwrap();
        }
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        self.stop();
    }
}
