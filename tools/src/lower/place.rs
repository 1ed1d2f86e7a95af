//! Places modules of ours in the memory of a guest.
//!
//! `cargo xtask embedded` records the positions of addresses in a module (see `xtask/src/embedded/places.rs`).

use anyhow::{Context, Result, bail, ensure};
use wasmparser::{BinaryReader, DataKind, Operator, Parser, Payload};

/// The custom section with the positions of addresses.
pub const SECTION: &str = "isyswasfa:places";

/// The size of a page of memory.
pub const PAGE: u32 = 64 * 1024;

/// The size of the stack that our modules in a guest's memory share.
const STACK: u32 = 1024 * 1024;

/// The room for variables that lie together: enough for most sets of modules.
const VARIABLES: u32 = 1024;

/// How much of a page the variables and the beginning of the heap take. The rest of the page has as many constants as possible:
/// reading a page that is never written costs a host this page and those around it of the initial memory image.
const UPPER: u32 = 1280;

const FULL: &str = "the guest's memory leaves no room";

/// The place for our modules.
pub enum Place<'a> {
    /// Each module keeps its addresses, and has its own memory.
    Apart,
    /// The modules are in the memory of a guest.
    Within(&'a mut Room),
}

impl Place<'_> {
    /// Puts the module there. Returns it, and how it was moved.
    ///
    /// # Errors
    /// If the module has no positions of addresses, or there is no room for it.
    pub fn put(&mut self, module: &[u8]) -> Result<(Vec<u8>, Option<Moved>)> {
        match self {
            Place::Apart => Ok((module.to_vec(), None)),
            Place::Within(room) => {
                let (module, moved) = room.put(module)?;
                Ok((module, Some(moved)))
            }
        }
    }
}

/// The room behind a guest, and the shared table. Written data lies together: each written page costs a host something.
pub struct Room {
    /// The start of the stack, if it is not the guest's.
    stack: Option<u32>,
    /// The lowest address of constants, and the end of the room below it.
    constants: (u32, u32),
    /// The start and end of the room for variables.
    variables: (u32, u32),
    /// An unused address before the variables, and an unused element of the table.
    unused: (u32, u32),
    /// The address of the heap.
    heap: Option<u32>,
    end: u32,
    table: u32,
}

/// How a module was moved.
#[derive(Clone)]
pub struct Moved {
    /// The old start of each part, and its displacement: constants, variables, heap, variables.
    parts: [(u32, u32); 4],
    /// The displacement in the table, in elements.
    pub table: u32,
    /// The global with the stack pointer.
    pub stack: Option<u32>,
    /// Globals with addresses of constants.
    pub globals: Vec<u32>,
}

impl Moved {
    /// The new address of data that was at this address.
    pub fn data(&self, address: u32) -> u32 {
        let (first, others) = (self.parts[0], &self.parts[1..]);
        let part = others.iter().rev().find(|(begin, _)| address >= *begin);
        address.wrapping_add(part.unwrap_or(&first).1)
    }

    /// The new value of a global that had this address.
    pub fn global(&self, address: u32) -> u32 {
        address.wrapping_add(self.parts[0].1)
    }
}

/// The stack that moved modules use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stack {
    Guests,
    /// A stack of our own: the guest's cannot be used.
    Own,
}

impl Room {
    /// The room behind this many pages, and elements of the table.
    ///
    /// # Errors
    /// If there is no room left.
    pub fn behind(pages: u64, elements: u64, stack: Stack) -> Result<Room> {
        let begin = u32::try_from(pages)?.checked_mul(PAGE).context(FULL)?;
        let mut room = Room {
            stack: None,
            constants: (0, 0),
            variables: (0, 0),
            unused: (0, 0),
            heap: None,
            end: begin,
            table: u32::try_from(elements)?,
        };
        if stack == Stack::Own {
            room.take(0, STACK)?;
            room.stack = Some(room.end);
        }
        let floor = room.take(0, PAGE - UPPER)?;
        let variables = room.take(0, VARIABLES)?;
        room.constants = (variables, floor);
        room.unused = (variables, room.table);
        room.variables = (variables + 16, room.end);
        room.table += 1;
        Ok(room)
    }

    /// The start of the stack, which grows downwards.
    pub fn stack(&self) -> Option<u32> {
        self.stack
    }

    /// An unused byte of the memory, on a page that is written anyway, and an unused element of the table.
    pub fn unused(&self) -> (u32, u32) {
        self.unused
    }

    /// How many pages are used.
    pub fn pages(&self) -> u32 {
        self.end.div_ceil(PAGE)
    }

    /// How many elements the table must have.
    pub fn table(&self) -> u32 {
        self.table
    }

    /// Takes room for this many bytes, aligned like this address.
    fn take(&mut self, like: u32, bytes: u32) -> Result<u32> {
        let begin = align(self.end, like);
        self.end = begin.checked_add(bytes).context(FULL)?;
        Ok(begin)
    }

    /// Takes room for constants. They lie before the variables, the first ones nearest: so some of them are on a page that is
    /// needed anyway.
    fn take_constants(&mut self, like: u32, bytes: u32) -> Result<u32> {
        let (at, floor) = &mut self.constants;
        match at.checked_sub(bytes + 32).map(|begin| align(begin, like)) {
            Some(begin) if begin >= *floor => {
                *at = begin;
                Ok(begin)
            }
            _ => self.take(like, bytes),
        }
    }

    fn take_variables(&mut self, like: u32, bytes: u32) -> Result<u32> {
        let begin = align(self.variables.0, like);
        let end = begin.saturating_add(bytes);
        if end > self.variables.1 {
            return self.take(like, bytes);
        }
        self.variables.0 = end;
        Ok(begin)
    }

    fn put(&mut self, module: &[u8]) -> Result<(Vec<u8>, Moved)> {
        let survey = MovableModule::of(module)?;
        let places = survey
            .places
            .context("a module does not say where its addresses are")?;
        let [begin, variables, heap, more, end] = places.bounds;
        let written = self.take_variables(variables, heap - variables)?;
        // All modules use the first one's heap.
        let to = match self.heap {
            Some(to) => to,
            None if heap == more => heap,
            None => self.take(heap, more - heap)?,
        };
        if heap < more {
            self.heap = Some(to);
        }
        let rest = self.take_variables(more, end - more)?;
        let constants = self.take_constants(begin, variables - begin)?;
        let moved = Moved {
            parts: [
                (begin, constants.wrapping_sub(begin)),
                (variables, written.wrapping_sub(variables)),
                (heap, to.wrapping_sub(heap)),
                (more, rest.wrapping_sub(more)),
            ],
            table: self.table,
            stack: places.stack,
            globals: places.globals,
        };
        self.table += survey.table;
        let by = |at: &At| moved.parts[at.part].1;

        let mut module = module.to_vec();
        for at in &places.offsets {
            patch(&mut module, survey.code + at.place, Sign::Unsigned, by(at))?;
        }
        for at in &places.constants {
            patch(&mut module, survey.code + at.place, Sign::Signed, by(at))?;
        }
        for at in &places.functions {
            patch(
                &mut module,
                survey.code + at.place,
                Sign::Signed,
                moved.table,
            )?;
        }
        let pointers = places.pointers.iter().map(|at| (at.place, by(at)));
        let slots = places.slots.iter().map(|at| (at.place, moved.table));
        for (address, by) in pointers.chain(slots) {
            let at = survey.data.iter().find_map(|(begin, at, length)| {
                let offset = address.checked_sub(*begin as usize)?;
                (offset + 4 <= *length).then_some(at + offset)
            });
            let at = at.context("a module has an address where it has no data")?;
            let word = module.get_mut(at..at + 4).context("it is cut short")?;
            let value = u32::from_le_bytes(word.try_into()?).wrapping_add(by);
            word.copy_from_slice(&value.to_le_bytes());
        }
        Ok((module, moved))
    }
}

/// The first address from `at` on that is aligned like `like`. Nothing of ours needs more than 16 bytes.
fn align(at: u32, like: u32) -> u32 {
    at.next_multiple_of(16) + like % 16
}

/// The contents of the section.
struct Places {
    bounds: [u32; 5],
    stack: Option<u32>,
    globals: Vec<u32>,
    offsets: Vec<At>,
    constants: Vec<At>,
    functions: Vec<At>,
    pointers: Vec<At>,
    slots: Vec<At>,
}

/// The position of an address, and the part of the memory that it points into.
struct At {
    place: usize,
    part: usize,
}

impl Places {
    fn read(reader: &mut BinaryReader<'_>) -> Result<Places> {
        let mut bounds = [0; 5];
        for bound in &mut bounds {
            *bound = reader.read_var_u32()?;
        }
        ensure!(bounds.is_sorted(), "a module ends before it begins");
        let stack = reader.read_var_u32()?.checked_sub(1);
        let globals = reader.read_var_u32()?;
        let globals = (0..globals).map(|_| reader.read_var_u32());
        let globals = globals.collect::<Result<_, _>>()?;
        let mut list = || -> Result<Vec<At>> {
            let mut list = Vec::new();
            let mut place = 0;
            for _ in 0..reader.read_var_u32()? {
                let item = reader.read_var_u32()?;
                place += (item / 4) as usize;
                let part = (item % 4) as usize;
                list.push(At { place, part });
            }
            Ok(list)
        };
        Ok(Places {
            bounds,
            stack,
            globals,
            offsets: list()?,
            constants: list()?,
            functions: list()?,
            pointers: list()?,
            slots: list()?,
        })
    }
}

/// A survey of a module, to move it.
#[derive(Default)]
struct MovableModule {
    places: Option<Places>,
    /// The position of the code section.
    code: usize,
    /// Data segments: address, position in the file, and length.
    data: Vec<(u32, usize, usize)>,
    /// How many elements its table has.
    table: u32,
}

impl MovableModule {
    fn of(module: &[u8]) -> Result<MovableModule> {
        let mut survey = MovableModule::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::CodeSectionStart {
                    unchecked_range, ..
                } => survey.code = unchecked_range.start as usize,
                Payload::DataSection(section) => {
                    for data in section {
                        let data = data?;
                        let DataKind::Active { offset_expr, .. } = data.kind else {
                            bail!("a module of ours has passive data");
                        };
                        let at = data.range.end as usize - data.data.len();
                        let address = constant(&offset_expr)?;
                        survey.data.push((address, at, data.data.len()));
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        survey.table += u32::try_from(table?.ty.initial)?;
                    }
                }
                Payload::CustomSection(section) if section.name() == SECTION => {
                    let mut reader = BinaryReader::new(section.data(), 0);
                    survey.places = Some(Places::read(&mut reader)?);
                }
                _ => {}
            }
        }
        Ok(survey)
    }
}

/// The value of an expression that is a constant.
pub fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        _ => bail!("an initial value is no constant"),
    }
}

/// Whether a number has a sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Signed,
    Unsigned,
}

/// Adds to a number in LEB128 with 5 bytes, as the linker writes them.
fn patch(module: &mut [u8], at: usize, sign: Sign, by: u32) -> Result<()> {
    let bytes = module.get_mut(at..at + 5).context("it is cut short")?;
    let mut value = 0_u32;
    for (place, byte) in bytes.iter().enumerate() {
        ensure!(
            (byte & 0x80 != 0) == (place < 4),
            "a module has an address that is not in 5 bytes"
        );
        value |= u32::from(byte & 0x7f) << (7 * place);
    }
    let mut value = i64::from(value.wrapping_add(by));
    if sign == Sign::Signed {
        value = i64::from((value as u32).cast_signed());
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = (value >> (7 * place)) as u8 & 0x7f | if place < 4 { 0x80 } else { 0 };
    }
    if sign == Sign::Unsigned {
        // The last byte has room for 4 bits of the 32.
        bytes[4] &= 0x0f;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_five_bytes() {
        for (before, by, sign) in [
            (1_048_576_u32, 65_536_u32, Sign::Unsigned),
            (1_048_576, 65_536, Sign::Signed),
            (0x7fff_fff0, 0x20, Sign::Signed),
            (0xffff_fff0, 8, Sign::Unsigned),
            (0xffff_fff0, 0x20, Sign::Signed),
        ] {
            let mut bytes = leb(before, sign);
            patch(&mut bytes, 0, sign, by).unwrap();
            assert_eq!(bytes, leb(before.wrapping_add(by), sign), "{before} {by}");
            let mut reader = BinaryReader::new(&bytes, 0);
            let read = if sign == Sign::Signed {
                reader.read_var_i32().unwrap().cast_unsigned()
            } else {
                reader.read_var_u32().unwrap()
            };
            assert_eq!(read, before.wrapping_add(by));
        }
    }

    #[test]
    fn numbers_of_fewer_bytes_are_refused() {
        assert!(patch(&mut [0x81, 0x80, 0, 0, 0], 0, Sign::Unsigned, 1).is_err());
        assert!(patch(&mut [0x81, 0x80, 0x80, 0x80], 0, Sign::Unsigned, 1).is_err());
    }

    /// A number in 5 bytes, as the linker writes them.
    fn leb(value: u32, sign: Sign) -> [u8; 5] {
        let wide = if sign == Sign::Signed {
            i64::from(value.cast_signed())
        } else {
            i64::from(value)
        };
        std::array::from_fn(|place| {
            let more = if place < 4 { 0x80 } else { 0 };
            (wide >> (7 * place)) as u8 & 0x7f | more
        })
    }

    /// A module of ours with 4 bytes of constants and 8 of variables, of which the last 4 are the address of the constants.
    fn module() -> Vec<u8> {
        let text = r#"(module
            (memory 1)
            (global (mut i32) (i32.const 1024))
            (table 3 funcref)
            (data (i32.const 1024) "abcd")
            (data (i32.const 1032) "\00\04\00\00")
            (@custom "isyswasfa:places" "\80\08\84\08\8c\08\8c\08\8c\08\01\00\00\00\00\01\a0\20\00"))"#;
        wat::parse_str(text).unwrap()
    }

    #[test]
    fn a_module_is_moved_behind_another() {
        let mut room = Room::behind(2, 5, Stack::Guests).unwrap();
        let (first, moved) = room.put(&module()).unwrap();
        let constants = moved.data(1024);
        assert_ne!(constants, 1024);
        assert_eq!(moved.data(1032) - moved.data(1028), 4);
        assert!(constants >= 2 * PAGE && constants < moved.data(1032));
        assert_eq!((moved.stack, moved.table), (Some(0), 6));
        let pointer = first
            .windows(4)
            .any(|bytes| bytes == constants.to_le_bytes());
        assert!(pointer, "the address has not changed");
        // The next one lies elsewhere, in memory and in the table.
        let (_, second) = room.put(&module()).unwrap();
        assert_ne!(second.data(1024), constants);
        assert_ne!(second.data(1032), moved.data(1032));
        assert_eq!((second.table, room.table()), (9, 12));
        assert!(room.pages() >= 3);
        assert_eq!(room.stack(), None);
    }

    #[test]
    fn a_module_without_positions_of_addresses_is_refused() {
        let module = wat::parse_str("(module (memory 1))").unwrap();
        assert!(
            Room::behind(1, 0, Stack::Own)
                .unwrap()
                .put(&module)
                .is_err()
        );
    }
}
