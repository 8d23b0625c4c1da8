"""Pages of the letters: a reader's own, and the public check of a letter somebody holds."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from accounts.keyset import page_after
from letters.codes import normalised
from letters.forms import CheckForm, FileForm
from letters.keys import common_name, fingerprint, office_certificates
from letters.models import Letter, Mail
from letters.post import FileDamaged, open_pdf
from letters.press import LARGEST_FILE
from letters.signature import as_pem


def _get(request: UserRequest, number: str) -> Letter:
    """A letter that this reader may see; for all others it does not exist."""
    letter = Letter.objects.visible_to(request.user).with_successor().filter(number=number).first()
    if letter is None:
        raise Http404(_("There is no such letter."))
    return letter


def _page(request: UserRequest, letter: Letter, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"letter": letter, "mail": Mail.objects.carrying(letter, request.user), "problem": problem}
    return render(request, "letters/letter_page.html", context, status=status)


@require_safe
@login_required
@never_cache
def letters(request: UserRequest) -> HttpResponse:
    page = page_after(Letter.objects.visible_to(request.user).for_list(), request.GET.get("after", ""))
    next_url = f"{reverse('letters:list')}?after={page.next_after}" if page.next_after else ""
    return render(request, "letters/list.html", {"letters": page.rows, "next_url": next_url})


@require_safe
@login_required
@never_cache
def letter(request: UserRequest, number: str) -> HttpResponse:
    return _page(request, _get(request, number))


@require_safe
@login_required
def pdf(request: UserRequest, number: str) -> HttpResponse:
    letter = _get(request, number)
    if not letter.is_printed:
        return redirect("letters:letter", number=letter.number)
    try:
        content = open_pdf(letter)
    except FileDamaged as problem:
        return _page(request, letter, problem=str(problem), status=503)
    answer = HttpResponse(content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{letter.file_name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


def _entrance(request: HttpRequest, *, code: CheckForm, file: FileForm) -> HttpResponse:
    faulty = code if code.errors else file
    certificates = [(common_name(each), fingerprint(each)) for each in office_certificates()]
    context = {"code_form": code, "file_form": file, "form": faulty, "certificates": certificates, "largest": LARGEST_FILE}
    return render(request, "letters/verify.html", context, status=422 if faulty.errors else 200)


@require_safe
@never_cache
def verify(request: HttpRequest) -> HttpResponse:
    """Enter a check code, which leads to its page whether it belongs to a letter or not; or ask about the digest of a file."""
    if "digest" in request.GET:
        return _verify_file(request)
    form = CheckForm(request.GET or None)
    if form.is_valid():
        return redirect("letters:check", code=form.cleaned_data["code"])
    return _entrance(request, code=form, file=FileForm())


def _verify_file(request: HttpRequest) -> HttpResponse:
    """What anyone who holds a file may know of it: the same as with its check code, and that it is unchanged."""
    form = FileForm(request.GET)
    if not form.is_valid():
        return _entrance(request, code=CheckForm(), file=form)
    digest = form.cleaned_data["digest"]
    letter = Letter.objects.visible().with_successor().filter(digest=digest).first()
    if letter is None:
        return render(request, "letters/unknown_file.html", {"digest": digest}, status=404)
    return render(request, "letters/check.html", {"letter": letter, "is_file": True})


@require_safe
def certificate(request: HttpRequest) -> HttpResponse:
    """The office's certificates, for whoever checks letters without asking this site."""
    answer = HttpResponse(as_pem(office_certificates()), content_type="application/x-pem-file")
    answer["Content-Disposition"] = 'attachment; filename="lunar-sample-office.pem"'
    return answer


@require_safe
@never_cache
def check(request: HttpRequest, code: str) -> HttpResponse:
    """What anyone who holds a letter may know of it. A letter that is not visible yet is as unknown as one that never was."""
    letter = Letter.objects.visible().with_successor().filter(check_code=normalised(code) or "-").first()
    if letter is None:
        return render(request, "letters/unknown.html", status=404)
    return render(request, "letters/check.html", {"letter": letter, "is_file": False, "file_form": FileForm(), "largest": LARGEST_FILE})
