/* Pages of memory as they were at several moments: for each page a list of copies, the newest first. */
#include "devices/board/versions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/hostmem.h"

struct version {
    struct version *older;
    u64 moment;
    bool zero;
    u8 data[]; /* a page, unless it is zeros */
};

static bool is_zero(const u8 *data)
{
    return get64(data) == 0 && memcmp(data, data + 8, VERSIONS_PAGE - 8) == 0;
}

static u64 size_of(bool zero)
{
    return sizeof(struct version) + (zero ? 0 : VERSIONS_PAGE);
}

int versions_init(struct versions *versions, u64 pages)
{
    *versions = (struct versions){.pages = pages};
    versions->newest = hostmem_sparse(pages * sizeof(struct version *));
    return versions->newest ? 0 : -ENOMEM;
}

void versions_free(struct versions *versions)
{
    for (u64 page = 0; versions->newest && page < versions->pages; page++)
        for (struct version *v = versions->newest[page], *older; v; v = older) {
            older = v->older;
            free(v);
        }
    hostmem_sparse_free(versions->newest, versions->pages * sizeof(struct version *));
    *versions = (struct versions){0};
}

/* Where the newest copy of that moment, or from before it, hangs. */
static struct version **find(const struct versions *versions, u64 page, u64 moment)
{
    struct version **link = &versions->newest[page];

    while (*link && (*link)->moment > moment)
        link = &(*link)->older;
    return link;
}

const u8 *versions_at(const struct versions *versions, u64 page, u64 moment)
{
    const struct version *v = *find(versions, page, moment);

    return v && !v->zero ? v->data : NULL;
}

static int note(struct versions_list *list, u64 page)
{
    if (list->count == list->room) {
        u32 room = list->room ? list->room * 2 : 64;
        u32 *grown = realloc(list->page, room * sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        list->page = grown;
        list->room = room;
    }
    list->page[list->count++] = (u32)page;
    return 0;
}

static void remove_at(struct versions *versions, struct version **link)
{
    struct version *v = *link;

    *link = v->older;
    versions->bytes -= size_of(v->zero);
    free(v);
}

int versions_put(struct versions *versions, u64 page, u64 moment, const u8 *data,
                 struct versions_list *list)
{
    const u8 *before = versions_at(versions, page, moment);
    bool zero = is_zero(data), again;
    struct version **link, *v;

    if (before ? memcmp(before, data, VERSIONS_PAGE) == 0 : zero)
        return 0;
    v = malloc(size_of(zero));
    if (!v)
        return -ENOMEM;
    link = find(versions, page, moment);
    again = *link && (*link)->moment == moment;
    if (!again && note(list, page) < 0) {
        free(v);
        return -ENOMEM;
    }
    if (again)
        remove_at(versions, link);
    v->moment = moment;
    v->zero = zero;
    if (!zero)
        memcpy(v->data, data, VERSIONS_PAGE);
    v->older = *link;
    *link = v;
    versions->bytes += size_of(zero);
    return 0;
}

int versions_merge(struct versions *versions, struct versions_list *list, u64 moment, u64 next,
                   struct versions_list *next_list)
{
    u32 before = next_list->count;

    for (u32 i = 0; i < list->count; i++) {
        const struct version *newer = *find(versions, list->page[i], next);

        if (newer && newer->moment == moment && note(next_list, list->page[i]) < 0) {
            next_list->count = before;
            return -ENOMEM;
        }
    }
    for (u32 i = 0; i < list->count; i++) {
        struct version **link = find(versions, list->page[i], next);

        if ((*link)->moment == moment)
            (*link)->moment = next;
        else if ((*link)->older && (*link)->older->moment == moment)
            remove_at(versions, &(*link)->older);
    }
    return 0;
}

void versions_drop(struct versions *versions, struct versions_list *list, u64 moment)
{
    for (u32 i = 0; i < list->count; i++) {
        struct version **link = find(versions, list->page[i], moment);

        if (*link && (*link)->moment == moment)
            remove_at(versions, link);
    }
}
