//! `run --chat`: a conversation, one line a turn.

use std::io::{self, IsTerminal, Write};

use client::proto::{Message, PredictOptions};
use client::task::stream;
use client::{Backend, Error};
use tokio::io::{AsyncBufReadExt, BufReader};

use crate::ask::ready;
use crate::cli::Run;
use crate::run::{line, request, told};
use crate::show;

/// Answers every line of the input until it ends. The model gets all that was said before with each.
pub(crate) async fn chat(backend: &mut Backend, options: &Run) -> Result<(), Error> {
    let model = ready(backend, &options.load).await?;
    let mut turns = BufReader::new(tokio::io::stdin()).lines();
    let mut history: Vec<Message> = Vec::new();
    history.extend(options.generate.system.clone().map(|content| message("system", content)));
    loop {
        if io::stdin().is_terminal() {
            eprint!("> ");
        }
        let Some(turn) = turns.next_line().await.map_err(Error::Input)? else { return Ok(()) };
        if turn.trim().is_empty() {
            continue;
        }
        history.push(message("user", turn));
        let request = PredictOptions {
            use_tokenizer_template: true,
            messages: history.clone(),
            ..request(&options.generate)
        };
        let mut out = io::stdout();
        let answer = stream(backend.client(), request, |piece| {
            if options.json {
                return Ok(());
            }
            out.write_all(piece.as_bytes()).and_then(|()| out.flush())
        });
        let answer = answer.await?;
        if options.json {
            line(&told(&answer, &model))?;
        } else {
            line("")?;
            eprintln!("{}", show::timing(&answer));
        }
        let reasoning_content = answer.reasoning.clone();
        history.push(Message { reasoning_content, ..message("assistant", answer.text) });
    }
}

fn message(role: &str, content: String) -> Message {
    Message { role: role.to_owned(), content, ..Message::default() }
}
