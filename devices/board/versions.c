/* Pages of memory as they were at several moments: for each page a list of copies, the newest first. */
#include "devices/board/versions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mmu/host/hostmem.h"

struct version {
    struct version *older;
    u64 moment;
    u8 *data; /* a page of the pool; NULL: zeros */
};

static bool is_zero(const u8 *data)
{
    return get64(data) == 0 && memcmp(data, data + 8, VERSIONS_PAGE - 8) == 0;
}

static u64 size_of(const struct version *v)
{
    return sizeof(*v) + (v->data ? VERSIONS_PAGE : 0);
}

static void free_version(struct versions *versions, struct version *v)
{
    versions->bytes -= size_of(v);
    if (v->data)
        page_pool_give(&versions->pool, v->data);
    free(v);
}

/* One that hangs nowhere yet; NULL: no memory. */
static struct version *new_version(struct versions *versions, u64 moment, const u8 *data)
{
    struct version *v = malloc(sizeof(*v));

    if (!v)
        return NULL;
    *v = (struct version){.moment = moment};
    if (data && !(v->data = page_pool_take(&versions->pool))) {
        free(v);
        return NULL;
    }
    if (data)
        memcpy(v->data, data, VERSIONS_PAGE);
    versions->bytes += size_of(v);
    return v;
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
    page_pool_free(&versions->pool);
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

    return v ? v->data : NULL;
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
    free_version(versions, v);
}

int versions_put(struct versions *versions, u64 page, u64 moment, const u8 *data,
                 struct versions_list *list)
{
    struct version **link = find(versions, page, moment), *v;
    const u8 *before = *link ? (*link)->data : NULL;
    bool zero = is_zero(data), again = *link && (*link)->moment == moment;

    if (before ? memcmp(before, data, VERSIONS_PAGE) == 0 : zero)
        return 0;
    v = new_version(versions, moment, zero ? NULL : data);
    if (!v)
        return -ENOMEM;
    if (!again && note(list, page) < 0) {
        free_version(versions, v);
        return -ENOMEM;
    }
    if (again)
        remove_at(versions, link);
    v->older = *link;
    *link = v;
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
