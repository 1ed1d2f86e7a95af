//! What a built-in is about to do with an end of a stream or future: told by the glue, as one number.

use crate::trap;
use crate::waitables;

/// Which built-in, whether it was lowered without `async`, and the type of the stream or future.
#[derive(Clone, Copy)]
pub struct Use(u32);

/// The built-ins, of streams and futures alike.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum BuiltIn {
    Read,
    Write,
    CancelRead,
    CancelWrite,
    DropReadable,
    DropWritable,
}

/// The side of a stream or future that an end is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    Reader,
    Writer,
}

/// The type of a stream or future: the glue's number for it. The lowest bit says that it is a future.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Type(u32);

impl Type {
    pub fn new(bits: u32) -> Type {
        Type(bits)
    }

    pub fn is_future(self) -> bool {
        self.0 & 1 == 1
    }
}

impl Use {
    const SYNC: u32 = 8;

    pub fn new(bits: u32) -> Use {
        Use(bits)
    }

    pub fn built_in(self) -> BuiltIn {
        match self.0 & 7 {
            0 => BuiltIn::Read,
            1 => BuiltIn::Write,
            2 => BuiltIn::CancelRead,
            3 => BuiltIn::CancelWrite,
            4 => BuiltIn::DropReadable,
            5 => BuiltIn::DropWritable,
            _ => trap::internal(),
        }
    }

    pub fn ty(self) -> Type {
        Type(self.0 >> 4)
    }

    /// Which end the built-in is for.
    pub fn side(self) -> Side {
        match self.0 & 1 {
            0 => Side::Reader,
            _ => Side::Writer,
        }
    }

    /// Checks that an end of that type and side is what the built-in is for.
    pub fn check(self, ty: Type, side: Side) {
        if ty != self.ty() || side != self.side() {
            self.wrong_end()
        }
    }

    /// Checks that nobody waits for the waitable by a set, if this may wait for it as well.
    pub fn check_set(self, place: u32) {
        if self.0 & Use::SYNC != 0 && waitables::is_in_set(place) {
            match self.built_in() {
                BuiltIn::Read => trap::read_in_set(),
                BuiltIn::Write => trap::write_in_set(),
                BuiltIn::CancelRead => trap::cancel_read_in_set(),
                BuiltIn::CancelWrite => trap::cancel_write_in_set(),
                BuiltIn::DropReadable | BuiltIn::DropWritable => {}
            }
        }
    }

    #[cold]
    pub fn wrong_end(self) -> ! {
        match self.built_in() {
            BuiltIn::Read => trap::read_wrong_end(),
            BuiltIn::Write => trap::write_wrong_end(),
            BuiltIn::CancelRead => trap::cancel_read_wrong_end(),
            BuiltIn::CancelWrite => trap::cancel_write_wrong_end(),
            BuiltIn::DropReadable => trap::drop_readable_wrong_end(),
            BuiltIn::DropWritable => trap::drop_writable_wrong_end(),
        }
    }

    /// A read or write is under way already, or its event has not been taken.
    #[cold]
    pub fn busy(self) -> ! {
        match self.built_in() {
            BuiltIn::Read => trap::read_busy(),
            BuiltIn::Write => trap::write_busy(),
            BuiltIn::DropReadable => trap::drop_readable_busy(),
            BuiltIn::DropWritable => trap::drop_writable_busy(),
            BuiltIn::CancelRead | BuiltIn::CancelWrite => trap::internal(),
        }
    }

    /// No read or write is under way.
    #[cold]
    pub fn idle(self) -> ! {
        match self.side() {
            Side::Reader => trap::cancel_read_idle(),
            Side::Writer => trap::cancel_write_idle(),
        }
    }

    /// The guest knows that nothing more will move.
    #[cold]
    pub fn done(self) -> ! {
        match self.side() {
            Side::Reader => trap::read_done(),
            Side::Writer => trap::write_done(),
        }
    }
}
