/* The board's ends of a user interface: the screen, the keys, the script that is typed. */
#include "devices/board/pc_board.h"

static void pc_typist_act(void *opaque, enum script_kind kind)
{
    struct pc *pc = opaque;
    char message[512];

    if (kind == SCRIPT_SEE) {
        ui_aside(pc->config.ui);
        fprintf(stderr, "pagewalk: the script has waited in vain for: %s\n",
                typist_text(&pc->typist));
        pc_quit_because(pc, PC_WHY_TIMEOUT, PC_STATUS_TIMEOUT);
    } else if (kind == SCRIPT_QUIT) {
        pc_quit(pc, 0);
    } else if (pc->config.ui) {
        ui_screenshot(pc->config.ui, message, sizeof(message));
        if (pc->config.ui->config.kind != UI_CURSES)
            fprintf(stderr, "pagewalk: %s\n", message);
    }
}

static bool pc_typist_send(void *opaque, u8 byte)
{
    struct pc *pc = opaque;

    return uart_take(&pc->com[0], byte);
}

static void pc_typist_hear(void *opaque, u8 byte)
{
    struct pc *pc = opaque;

    typist_hear(&pc->typist, byte);
}

void pc_ui_init(struct pc *pc)
{
    if (pc->config.ui)
        ui_attach(pc->config.ui, pc_display(pc), pc_input(pc));
    if (!pc->config.type)
        return;
    typist_init(&pc->typist, &pc->clock, pc->config.type, pc_display(pc), &pc->input, pc_typist_act,
                pc);
    pc->typist.line = (struct typist_line){pc_typist_send, pc};
    pc->com[0].sent = pc_typist_hear;
    pc->com[0].sent_opaque = pc;
}

void pc_ui_free(struct pc *pc)
{
    if (pc->config.ui)
        ui_attach(pc->config.ui, NULL, NULL);
}
