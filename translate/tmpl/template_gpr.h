/* Templates whose D is guest register PIN: see template_pinned.h. */
/* clang-format off */
#define D(n)                  GPR(PIN)
#define PINNED(name, d, tail) PINNED_(name, d, tail)
#define PINNED_(name, d, tail) TEMPLATE(name##_d##d##tail)

#define UOP(name) PINNED(name, PIN, )
#define REG_B(n)  ((T_##n)host_y)
#define EA        ((u32)host_la)
#define BODIES_PINNED
#define BODIES_LEA
#define BODIES_LOAD
#define BODIES_STORE
#include "translate/uop_body.def"
#undef BODIES_PINNED
#undef BODIES_LEA
#undef BODIES_LOAD
#undef BODIES_STORE
#undef REG_B
#undef EA
#undef UOP

#define BODIES_PINNED_B
#define UOP(name) PINNED(name, PIN, i)
#define B(n)      IMM
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b0)
#define B(n)      GPR(0)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b1)
#define B(n)      GPR(1)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b2)
#define B(n)      GPR(2)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b3)
#define B(n)      GPR(3)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b4)
#define B(n)      GPR(4)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b5)
#define B(n)      GPR(5)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b6)
#define B(n)      GPR(6)
#include "translate/uop_body.def"
#undef UOP
#undef B
#define UOP(name) PINNED(name, PIN, b7)
#define B(n)      GPR(7)
#include "translate/uop_body.def"
#undef UOP
#undef B
#undef BODIES_PINNED_B
#undef PINNED
#undef PINNED_
#undef D
