//! Panic messages with numbers for `const` functions, where `format!` is not to be had.

/// Text in a fixed buffer; what does not fit is left out.
pub(crate) struct Message {
    bytes: [u8; 128],
    len: usize,
}

impl Message {
    pub(crate) const fn new() -> Self {
        Self { bytes: [0; 128], len: 0 }
    }

    pub(crate) const fn text(mut self, text: &str) -> Self {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            self.len += 1;
            i += 1;
        }
        self
    }

    pub(crate) const fn number(self, number: usize) -> Self {
        let this = if number >= 10 { self.number(number / 10) } else { self };
        let digit = [b'0' + (number % 10) as u8];
        match core::str::from_utf8(&digit) {
            Ok(digit) => this.text(digit),
            Err(_) => this,
        }
    }

    pub(crate) const fn as_str(&self) -> &str {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => text,
            Err(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    fn text_and_numbers_are_joined() {
        let message = Message::new().number(0).text(" of ").number(1_230).text(", ").number(usize::MAX);
        assert_eq!(message.as_str(), std::format!("0 of 1230, {}", usize::MAX));
    }

    #[test]
    fn what_does_not_fit_is_left_out() {
        let message = Message::new().text(&"x".repeat(127)).number(42);
        assert_eq!(message.as_str(), "x".repeat(127) + "4");
    }
}
