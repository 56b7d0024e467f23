/* The board's ends of a user interface: the screen, the keys, the script that is typed. */
#include "devices/board/pc_board.h"

static void pc_typist_act(void *opaque, enum script_kind kind)
{
    struct pc *pc = opaque;
    char message[512];

    if (kind == SCRIPT_QUIT) {
        pc_quit(pc, 0);
    } else if (pc->config.ui) {
        ui_screenshot(pc->config.ui, message, sizeof(message));
        if (pc->config.ui->config.kind != UI_CURSES)
            fprintf(stderr, "pagewalk: %s\n", message);
    }
}

void pc_ui_init(struct pc *pc)
{
    if (pc->config.ui)
        ui_attach(pc->config.ui, pc_display(pc), pc_input(pc));
    if (pc->config.type)
        typist_init(&pc->typist, &pc->clock, pc->config.type, pc_display(pc), pc_input(pc),
                    pc_typist_act, pc);
}

void pc_ui_free(struct pc *pc)
{
    if (pc->config.ui)
        ui_attach(pc->config.ui, NULL, NULL);
}
