//! How types that 0.3 has no longer are declared and printed: as the bindings of WASI 0.2 do it.

/// Declares an enum as the bindings of WASI 0.2 have it: with each code's name in WIT, and its documentation as a message.
macro_rules! error_code {
    ($(#[$doc:meta])* $($case:ident = $name:literal, $message:literal;)+) => {
        $(#[$doc])*
        #[repr(u8)]
        #[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
        pub enum ErrorCode {
            $(
                #[doc = $message]
                $case,
            )+
        }

        impl ErrorCode {
            /// Its name in WIT.
            pub fn name(&self) -> &'static str {
                match self {
                    $(ErrorCode::$case => $name,)+
                }
            }

            /// Its documentation in WIT.
            pub fn message(&self) -> &'static str {
                match self {
                    $(ErrorCode::$case => $message,)+
                }
            }
        }

        impl std::fmt::Debug for ErrorCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct("ErrorCode")
                    .field("code", &(*self as i32))
                    .field("name", &self.name())
                    .field("message", &self.message())
                    .finish()
            }
        }

        impl std::fmt::Display for ErrorCode {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} (error {})", self.name(), *self as i32)
            }
        }

        impl std::error::Error for ErrorCode {}
    };
}

/// Prints each case of a type with the type's name.
macro_rules! debug_cases {
    ($ty:ident: $($case:ident $(($payload:ident))?),+) => {
        impl std::fmt::Debug for $ty {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self {
                    $(
                        $ty::$case $(($payload))? => f
                            .debug_tuple(concat!(stringify!($ty), "::", stringify!($case)))
                            $(.field($payload))?
                            .finish(),
                    )+
                }
            }
        }
    };
}

/// Prints each field of a type with its name in WIT.
macro_rules! debug_fields {
    ($ty:ident: $($name:literal $field:ident),+) => {
        impl std::fmt::Debug for $ty {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($ty))
                    $(.field($name, &self.$field))+
                    .finish()
            }
        }
    };
}

pub(crate) use {debug_cases, debug_fields, error_code};
