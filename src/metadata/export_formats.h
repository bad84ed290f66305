// The formats of an export: each writes its files into the folder of the work. Throw Error as reading the
// vault and writing files do.
#pragma once

#include "metadata/export_work.h"

namespace hubkeep {

void export_json(const ExportWork& work);
void export_markdown(const ExportWork& work);
void export_gitea(const ExportWork& work);

}  // namespace hubkeep
